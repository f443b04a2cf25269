// The URL of an upstream: `http://host:port/path?query`, https, the same as ws and wss, or
// `unix:/run/app.sock:/path`.
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

// Returns the URL as the page of --dev shows it: without its query, which may hold a secret.
std::string shown_without_query(const UpstreamUrl& url);

// Returns whether a path is a route of usher itself. Those come first.
bool is_ushers_own(std::string_view path);

// Returns the path on this gateway for an upstream of which only the URL is given (--upstream): the
// URL's own, so that a client changes nothing but host and port; "/upstream" where that path is "/"
// or usher's own.
std::string path_for_upstream(const UpstreamUrl& url);

}  // namespace usher::config
