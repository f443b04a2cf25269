// Where a gateway listens: a URL taken apart, for dialing, for Host and for certificates.
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

  bool host_is_address() const;  // then there is nothing to put into SNI
};

enum class UrlError { malformed, scheme_unknown, holds_credentials };

// http, https, ws and wss. A fragment is dropped.
Result<Endpoint, UrlError> parse_url(std::string_view url);

}  // namespace usher::http_client
