// An Origin as browsers serialize it (RFC 6454 section 6.2): scheme "://" host [":" port], and not
// a byte more.
//
// Strict on purpose: what merely looks like an origin (user info, path, white space, trailing dot,
// raw IDN) is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher::auth {

struct Origin {
  std::string scheme;      // lowercase
  std::string host;        // lowercase; IPv6 in brackets, in its canonical form
  std::uint16_t port = 0;  // 0: the scheme's own (80 for http, 443 for https), or none

  std::string text() const;       // normalised: equal origins have equal texts
  std::string host_text() const;  // `host[:port]`, for `originHost`
  friend bool operator==(const Origin&, const Origin&) = default;
};

inline constexpr std::size_t kOriginBytesMax = 512;

// Nothing for all that is not exactly an origin, `null` included.
std::optional<Origin> parse_origin(std::string_view text);

// What log lines call `originHost`: the host (and port where it is not the scheme's own), 'null'
// for null, '' for none, and '(malformed)' for what is no origin: never the peer's text as it came.
std::string origin_host(std::optional<std::string_view> origin);

// Whether a ticket bound to `bound` may be used with `presented`. No origin, or a malformed one,
// equals nothing.
bool is_same_origin(std::string_view bound, std::optional<std::string_view> presented);

}  // namespace usher::auth
