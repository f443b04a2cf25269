// A URL in its parts, as they are needed for dialing, for Host and for certificates.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace usher::http_client {

struct Endpoint {
  bool tls = false;
  std::string host;       // without brackets
  std::string port;       // digits; the scheme's own where the URL has none
  std::string authority;  // what Host says: the port only where it is not the scheme's own
  std::string target;     // path and query; "/" at least
};

// Returns whether `host` (without brackets) is an IP address instead of a name.
bool is_address(std::string_view host);

enum class UrlError { malformed, scheme_unknown, holds_credentials };

// Takes URLs with the schemes http, https, ws and wss (RFC 3986). Drops a fragment.
Result<Endpoint, UrlError> parse_url(std::string_view url);

}  // namespace usher::http_client
