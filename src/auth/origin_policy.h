// Which web pages may talk to this gateway. The one list (`client.allowed_origins`) guards sockets
// and CORS alike.
//
// An entry is an exact origin, `https://*.example.com` (exactly one label, never more), or `null`.
// No Origin header means "not a browser" and is allowed unless `require` says otherwise.
//
// Threads: immutable after construction, may be shared.
#pragma once

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "auth/origin.h"

namespace usher::auth {

struct OriginPolicyOptions {
  std::vector<std::string> allowed;
  bool require = false;  // refuse requests without an Origin
  bool dev = false;  // also: http and https on localhost, 127.0.0.1 and [::1], any port; and `*` as
                     // an entry
};

// The operator's list can't be taken as it is; what() is a sentence that says what to write
// instead.
struct OriginPolicyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class OriginPolicy {
 public:
  // Throws OriginPolicyError.
  explicit OriginPolicy(const OriginPolicyOptions& options);

  // `origin`: the header's value as it came, or nothing where there was no such header.
  bool allows(std::optional<std::string_view> origin) const;

 private:
  struct Pattern {       // the origin's text is: prefix, one label, suffix
    std::string prefix;  // "https://"
    std::string suffix;  // ".example.com:8443"
  };

  void add(std::string_view entry);

  std::set<std::string, std::less<>> exact_;
  std::vector<Pattern> patterns_;
  bool require_ = false;
  bool dev_ = false;
  bool null_ = false;
  bool any_ = false;
};

// What is wrong with one entry of the list, as a sentence; nothing when it is fine.
std::optional<std::string> find_fault(std::string_view entry, bool dev);

}  // namespace usher::auth
