#include "gateway/admin_door.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/ascii.h"

namespace usher::gateway {
namespace {

bool is_address(const std::string& host) {
  in6_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return true;
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1;
}

// In lowercase, without the port and the dot that may end a full name. Requires that wire/ has let
// the value pass.
std::string name_of(std::string_view host) {
  const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  std::string name = to_lower(host.substr(0, end));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

}  // namespace

std::optional<http::Refusal> check_admin_host(const edge::RequestContext& context,
                                              std::span<const std::string> more) {
  const auto host = context.request.find("host");
  if (!host || host->empty()) return std::nullopt;
  const std::string name = name_of(*host);
  const bool is_registrable = name.find('.') != std::string::npos && !name.ends_with(".localhost");
  if (!is_registrable || is_address(name)) return std::nullopt;
  const bool is_ours = std::ranges::any_of(
      more, [&](const std::string& known) { return known == name || known == "*"; });
  if (is_ours) return std::nullopt;
  return http::Refusal{.problem = http::Problem::origin_blocked,
                       .detail =
                           "Ask by address or as localhost, or list this name in "
                           "admin.allowed_hosts.",
                       .log_reason = "host"};
}

std::optional<http::Refusal> check_no_page(const edge::RequestContext& context) {
  const auto site = context.request.find("sec-fetch-site");
  if (!context.request.find("origin") && (!site || *site == "none")) return std::nullopt;
  return http::Refusal{.problem = http::Problem::origin_blocked,
                       .detail = "This path is not for web pages.",
                       .log_reason = "a web page"};
}

}  // namespace usher::gateway
