#include "gateway/cookie_guard.h"

#include <algorithm>

#include "base/ascii.h"

namespace usher::gateway {
namespace {

bool is_from_browser(const wire::HttpRequest& request) {
  return std::ranges::any_of(request.fields, [](const wire::HttpField& field) {
    return starts_with_ignoring_case(field.name, "sec-fetch-");
  });
}

}  // namespace

std::optional<http::Refusal> check_cookie_caller(const wire::HttpRequest& request,
                                                 const auth::OriginPolicy& origins) {
  if (const auto origin = request.find("origin")) {
    if (origins.allows_cookies(*origin)) return {};
    return http::Refusal{
        .problem = http::Problem::origin_blocked,
        .detail = "Cookies count only from an Origin that client.allowed_origins names.",
        .log_reason = "cookies from an Origin that only a '*' allows"};
  }
  if (!is_from_browser(request)) return {};
  return http::Refusal{
      .problem = http::Problem::origin_blocked,
      .detail = "A browser's request by cookies must say its Origin: use fetch(), with POST.",
      .log_reason = "Sec-Fetch fields without an Origin"};
}

}  // namespace usher::gateway
