// A URL in its parts, as they are needed for dialing, for Host and for certificates.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace usher::http_client {

struct Endpoint {
  bool tls = false;
  std::string host;       // without brackets
  std::string port;       // digits; the scheme's default if the URL has none
  std::string authority;  // the value of Host: the port only if it is not the scheme's default
  std::string target;     // path and query; at least "/"

  // Whether the host is an IP address, for which there is no SNI (RFC 6066 section 3).
  bool host_is_address() const;
};

enum class UrlError { malformed, scheme_unknown, holds_credentials };

// Takes URLs with the schemes http, https, ws and wss (RFC 3986). Drops a fragment.
Result<Endpoint, UrlError> parse_url(std::string_view url);

}  // namespace usher::http_client
