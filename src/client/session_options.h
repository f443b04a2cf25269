// What a ClientSession is told when it is made.
#pragma once

#include <string>
#include <string_view>

#include "client/socket_url.h"

namespace usher::client {

struct SessionOptions {
  // The gateway, http(s) or ws(s), with its path prefix if it has one. Raw: the socket itself.
  std::string url;
  bool raw = false;
  bool has_token = true;  // false: there is no token stage (Standing)

  // Returns the URL of the upgrade. It is a secret.
  std::string url_with(std::string_view ticket) const {
    return raw ? raw_socket_url(url, ticket) : socket_url(url, ticket);
  }
};

}  // namespace usher::client
