#include "http_client/endpoint.h"

#include <algorithm>

#include "base/ascii.h"

namespace usher::http_client {

namespace {

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(std::string(text)) <= 65535;
}

}  // namespace

bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<Endpoint, UrlError> parse_url(std::string_view url) {
  if (!is_visible(url)) return UrlError::malformed;
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return UrlError::malformed;
  const std::string scheme = to_lower(url.substr(0, colon));
  Endpoint endpoint;
  endpoint.tls = scheme == "https" || scheme == "wss";
  if (!endpoint.tls && scheme != "http" && scheme != "ws") return UrlError::scheme_unknown;

  std::string_view rest = url.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto path_at = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, path_at);
  endpoint.target = std::string(rest.substr(path_at));
  if (!endpoint.target.starts_with('/')) endpoint.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return UrlError::holds_credentials;

  const auto host_end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
  const bool bracketed = authority.starts_with('[');
  if (bracketed && host_end == std::string_view::npos) return UrlError::malformed;
  endpoint.host =
      to_lower(bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end));
  std::string_view after = bracketed ? authority.substr(host_end + 1)
                                     : authority.substr(std::min(host_end, authority.size()));
  if (endpoint.host.empty() || (!after.empty() && after.front() != ':')) return UrlError::malformed;
  if (!after.empty()) after.remove_prefix(1);
  if (!after.empty() && !is_port(after)) return UrlError::malformed;

  const std::string_view usual = endpoint.tls ? "443" : "80";
  endpoint.port = std::string(after.empty() ? usual : after);
  endpoint.authority = bracketed ? "[" + endpoint.host + "]" : endpoint.host;
  if (endpoint.port != usual) endpoint.authority += ":" + endpoint.port;
  return endpoint;
}

}  // namespace usher::http_client
