// Which web pages may talk to this gateway. The one list (`client.allowed_origins`) guards sockets
// and CORS alike.
//
// An entry is an exact origin, `https://*.example.com` (exactly one label, never more),
// `moz-extension://*` (any host of a scheme that is not the web's), or `null`.
// No Origin header means "not a browser" and is allowed unless `require` says otherwise.
//
// Threads: immutable once made, may be shared.
#pragma once

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace usher::auth {

struct OriginPolicyOptions {
  std::vector<std::string> allowed;
  bool require = false;  // refuse requests without an Origin
  bool dev = false;  // let pages from localhost, 127.0.0.1 and [::1] in too (http and https, any
                     // port), and take `*` as an entry
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
  // A pattern's origins are: before, one label, after.
  struct Pattern {
    std::string before;  // "https://"
    std::string after;   // ".example.com:8443"
  };

  void add(std::string_view entry);
  void add_pattern(std::string_view entry);
  void add_scheme(std::string_view entry, std::string_view scheme);

  std::set<std::string, std::less<>> exact_;  // normalised
  std::vector<Pattern> patterns_;
  std::set<std::string, std::less<>> schemes_;  // of which every host is allowed
  bool require_ = false;
  bool dev_ = false;
  bool null_ = false;
  bool any_ = false;
};

}  // namespace usher::auth
