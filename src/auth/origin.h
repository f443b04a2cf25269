// An Origin as browsers write it (RFC 6454 section 6.2): exactly scheme "://" host [":" port].
//
// The parser is strict on purpose: it refuses user info, a path, white space, a trailing dot and a
// raw IDN. Schemes other than the web's (`file`, `app`, `chrome-extension`) belong to apps and
// extensions, which choose their hosts freely; `file://` has no host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher::auth {

inline constexpr std::size_t kOriginBytesMax = 512;

struct Origin {
  std::string scheme;      // lowercase
  std::string host;        // lowercase; IPv6 in brackets and in its canonical form; may be empty
                           // if the scheme is not the web's
  std::uint16_t port = 0;  // 0: none, or the scheme's default (80 for http, 443 for https)

  // Equal origins, and only these, have equal texts.
  std::string text() const { return scheme + "://" + host_text(); }

  // `host` or `host:port`.
  std::string host_text() const { return port == 0 ? host : host + ":" + std::to_string(port); }

  friend bool operator==(const Origin&, const Origin&) = default;
};

// Returns `nullopt` unless `text` is exactly an origin; `null` is not one.
std::optional<Origin> parse_origin(std::string_view text);

// Returns true for a page of this machine: http or https, from localhost, 127.0.0.1 or [::1], any
// port.
bool is_loopback_page(const Origin& origin);

// Returns true for http, https, ws and wss: their hosts are DNS names or addresses.
// Requires: `scheme` is lowercase.
bool is_web_scheme(std::string_view scheme);

// Returns true for one label of a host name: 1 to 63 characters of a-z, A-Z, 0-9, '-' and '_'.
bool is_host_label(std::string_view text);

// Returns `originHost` of log lines: Origin::host_text() (text() if there is no host), 'null' for
// null, '' if there is no Origin, and '(malformed)' if it is not an origin. The result contains
// only characters that an origin may have, so a peer cannot inject text into a log line.
std::string origin_host(std::optional<std::string_view> origin);

// Returns true if a ticket bound to the origin `bound` may be redeemed from the origin `presented`.
// A missing or malformed origin equals no origin; `null` equals `null`.
bool is_same_origin(std::string_view bound, std::optional<std::string_view> presented);

}  // namespace usher::auth
