// Decides which web pages may talk to this gateway. One list (`client.allowed_origins`) applies to
// both WebSockets and CORS.
//
// An entry is an exact origin, `https://*.example.com` (exactly one label), `moz-extension://*`
// (any host of a scheme that is not the web's), or `null`. A request without an Origin header does
// not come from a browser and is allowed unless `require` is set.
//
// Threads: immutable, shared freely.
#pragma once

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace usher::auth {

struct Origin;

struct OriginPolicyOptions {
  std::vector<std::string> allowed;
  bool require = false;  // refuse requests without an Origin
  bool dev = false;  // also allow pages from localhost, 127.0.0.1 and [::1] (http and https, any
                     // port), and accept `*` as an entry
};

// Thrown when the operator's list is invalid. what() is a sentence that says what to write instead.
struct OriginPolicyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class OriginPolicy {
 public:
  // Throws OriginPolicyError.
  explicit OriginPolicy(const OriginPolicyOptions& options);

  // `origin` is the header's value as received; `nullopt` if there is no Origin header.
  bool allows(std::optional<std::string_view> origin) const;

  // Returns whether pages of `origin` may also use the cookies of their visitors: only an Origin
  // that an entry names exactly. A pattern does not count, because visitors' cookies would then be
  // as safe as the weakest subdomain; nor does `null`, which every site can be.
  bool allows_cookies(std::string_view origin) const;

 private:
  // A pattern matches `before`, one label, `after`.
  struct Pattern {
    std::string before;  // "https://"
    std::string after;   // ".example.com:8443"
  };

  bool is_named(const Origin& origin) const;
  bool matches(const std::string& text) const;  // one of the patterns
  void add(std::string_view entry);
  void add_pattern(std::string_view entry);
  void add_scheme(std::string_view entry, std::string_view scheme);

  std::set<std::string, std::less<>> exact_;  // normalised
  std::vector<Pattern> patterns_;
  std::set<std::string, std::less<>> schemes_;  // every host of these is allowed
  bool require_ = false;
  bool dev_ = false;
  bool null_ = false;
  bool any_ = false;
};

}  // namespace usher::auth
