#include "http/bearer.h"

#include <algorithm>

#include "base/ascii.h"

namespace usher::http {
namespace {

bool is_token68(std::string_view text) {
  const auto padding = text.find_last_not_of('=');
  if (padding == std::string_view::npos) return false;
  text = text.substr(0, padding + 1);
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::optional<std::string_view> credential_of(std::string_view authorization,
                                              std::string_view lowercase_scheme) {
  if (authorization.size() <= lowercase_scheme.size()) return {};
  if (!starts_with_ignoring_case(authorization, lowercase_scheme) ||
      authorization[lowercase_scheme.size()] != ' ')
    return {};
  auto rest = authorization.substr(lowercase_scheme.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.empty() || rest.find(' ') != std::string_view::npos) return {};
  return rest;
}

BearerToken read_bearer(const wire::HttpRequest& request) {
  const auto header = request.find("authorization");
  if (!header) return {};
  const auto token = credential_of(*header, "bearer");
  if (!token || !is_token68(*token)) return {BearerState::malformed, {}};
  return {BearerState::present, *token};
}

}  // namespace usher::http
