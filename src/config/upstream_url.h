// The URL of an upstream: `http://host:port/path?query`, https, or `unix:/run/app.sock:/path`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher::config {

struct UpstreamUrl {
  bool tls = false;
  std::string host;       // a name, or an address without brackets; empty: unix_path
  std::string port;       // digits
  std::string unix_path;  // of its socket
  std::string authority;  // what Host says
  std::string target;     // path and query; "/" at least
};

// Returns `nullopt` if the text is no such URL.
std::optional<UpstreamUrl> parse_upstream_url(std::string_view text);

}  // namespace usher::config
