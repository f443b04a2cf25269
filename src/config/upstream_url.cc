#include "config/upstream_url.h"

#include <sys/un.h>

#include "http_client/endpoint.h"

namespace usher::config {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::size_t kHostBytesMax = 253;  // of a name of the DNS (RFC 1035 section 2.3.4)

// The path of the socket ends at the last ":/".
std::optional<UpstreamUrl> parse_unix(std::string_view text) {
  const auto colon = text.rfind(":/");
  UpstreamUrl url;
  url.authority = "localhost";
  url.unix_path = text.substr(0, colon);
  url.target = colon == std::string_view::npos ? "/" : std::string(text.substr(colon + 1));
  const bool fits = url.unix_path.size() < sizeof(sockaddr_un::sun_path);
  if (!url.unix_path.starts_with('/') || !fits) return std::nullopt;
  return url;
}

}  // namespace

std::optional<UpstreamUrl> parse_upstream_url(std::string_view text) {
  for (const char c : text) {
    if (c <= 0x20 || c >= 0x7f) return std::nullopt;
  }
  if (text.find('#') != std::string_view::npos) return std::nullopt;
  if (text.starts_with(kUnix)) return parse_unix(text.substr(kUnix.size()));
  const auto endpoint = http_client::parse_url(text);
  if (!endpoint || endpoint->host.size() > kHostBytesMax) return std::nullopt;
  return UpstreamUrl{.tls = endpoint->tls,
                     .host = endpoint->host,
                     .port = endpoint->port,
                     .unix_path = {},
                     .authority = endpoint->authority,
                     .target = endpoint->target};
}

std::string shown_without_query(const UpstreamUrl& url) {
  const std::string base = url.unix_path.empty()
                               ? (url.tls ? "https://" : "http://") + url.authority
                               : std::string(kUnix) + url.unix_path + ":";
  return base + url.target.substr(0, url.target.find('?'));
}

bool is_ushers_own(std::string_view path) {
  return path == "/ws" || path == "/connection/websocket" || path.starts_with("/auth/") ||
         path.starts_with("/api/") || path == "/dev" || path.starts_with("/dev/");
}

std::string path_for_upstream(const UpstreamUrl& url) {
  const std::string path = url.target.substr(0, url.target.find('?'));
  return path == "/" || is_ushers_own(path) ? "/upstream" : path;
}

}  // namespace usher::config
