#include "config/url_check.h"

#include "config/config_places.h"
#include "config/loopback.h"

namespace usher::config {

std::optional<http_client::Endpoint> check_http_url(ConfigReport& report, const std::string& key,
                                                    const std::string& url) {
  const auto endpoint = http_client::parse_url(url);
  const bool is_http = url.starts_with("http://") || url.starts_with("https://");
  if (endpoint && is_http) return *endpoint;
  const bool holds_credentials =
      !endpoint && endpoint.error() == http_client::UrlError::holds_credentials;
  report.error(key + (holds_credentials
                          ? " holds a user name or password: leave them out"
                          : " must be a URL like 'https://backend.example.com/hook', not '" +
                                shown_url(url) + "'"));
  return std::nullopt;
}

bool is_open_to_others(const http_client::Endpoint& endpoint) {
  return !endpoint.tls && !is_loopback_host(endpoint.host);
}

}  // namespace usher::config
