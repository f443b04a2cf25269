// An Origin as browsers write it (RFC 6454 section 6.2): scheme "://" host [":" port], and not a
// byte more.
//
// Strict on purpose: what merely looks like an origin (user info, path, white space, trailing dot,
// raw IDN) is none. Schemes that are not the web's (`file`, `app`, `chrome-extension`) belong to
// apps and extensions, which choose their hosts freely: `file://` has none at all.
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
                           // where the scheme is not the web's
  std::uint16_t port = 0;  // 0: none was given, or the scheme's own (80 for http, 443 for https)

  // Equal origins, and only these, have equal texts.
  std::string text() const { return scheme + "://" + host_text(); }

  // `host` or `host:port`.
  std::string host_text() const { return port == 0 ? host : host + ":" + std::to_string(port); }

  friend bool operator==(const Origin&, const Origin&) = default;
};

// Nothing for all that is not exactly an origin, `null` included.
std::optional<Origin> parse_origin(std::string_view text);

// A page of this very machine: http or https, from localhost, 127.0.0.1 or [::1], any port.
bool is_loopback_page(const Origin& origin);

// http, https, ws and wss: their hosts are names in DNS, or addresses. `scheme`: in lowercase.
bool is_web_scheme(std::string_view scheme);

// One label of a host name: 1 to 63 of a-z, 0-9, '-', '_' (and A-Z).
bool is_host_label(std::string_view text);

// What log lines call `originHost`: Origin::host_text() (or text() without a host), 'null' for
// null, '' for none, and '(malformed)' for what is no origin. Of what a peer sends it shows an
// origin's own characters alone, so no peer can shape a line with it.
std::string origin_host(std::optional<std::string_view> origin);

// Whether a ticket bound to `bound` may be used by `presented`. None, or a malformed one, equals
// nothing; `null` equals `null`.
bool is_same_origin(std::string_view bound, std::optional<std::string_view> presented);

}  // namespace usher::auth
