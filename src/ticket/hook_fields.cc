#include "ticket/hook_fields.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace usher::ticket {
namespace {

constexpr std::array<std::string_view, 2> kAlways = {"cookie", "authorization"};

// Those of one connection (RFC 9110 section 7.6.1), and those that say how a message is read.
constexpr std::array<std::string_view, 13> kOfOneHop = {
    "connection",     "keep-alive",        "te",     "trailer",
    "upgrade",        "transfer-encoding", "host",   "expect",
    "http2-settings", "max-forwards",      "accept", "accept-encoding",
    "range"};

constexpr std::array<std::string_view, 3> kOfAddresses = {"forwarded", "x-real-ip", "via"};

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// CGI and WSGI read "X_Usher" and "X-Usher" as one name.
std::string normal(std::string_view name) {
  std::string text = to_lower(name);
  std::ranges::replace(text, '_', '-');
  return text;
}

bool holds(auto const& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void append_field(HookFields& fields, const wire::HttpRequest& request, std::string_view name) {
  const std::string_view between = name == "cookie" ? "; " : ", ";
  std::string value;
  for (const wire::HttpField& field : request.fields) {
    if (field.value.empty() || !equal_ignoring_case(field.name, name)) continue;
    if (!value.empty()) value.append(between);
    value.append(field.value);
  }
  if (!value.empty()) fields.emplace_back(name, std::move(value));
}

}  // namespace

std::string_view why_not_forwarded(std::string_view name) {
  if (!is_token(name) || name.size() > kHookHeaderBytesMax) {
    return "is not the name of a header field, of at most 64 bytes";
  }
  const std::string text = normal(name);
  if (holds(kAlways, text)) return "always goes along: leave it out";
  if (text == "origin") return "stands in the request's body already: leave it out";
  if (holds(kOfOneHop, text) || text.starts_with("proxy-") || text.starts_with("content-")) {
    return "belongs to the connection or the body of one request, and can't be passed on";
  }
  if (holds(kOfAddresses, text) || text.starts_with("x-forwarded-")) {
    return "is what any client can write: the client's address is in the request's body";
  }
  if (text.starts_with("ce-") || text.starts_with("x-usher-")) {
    return "is what usher itself says to the backend";
  }
  return {};
}

HookFields hook_fields(const wire::HttpRequest& request, std::span<const std::string> more) {
  HookFields fields;
  for (const std::string_view name : kAlways) append_field(fields, request, name);
  for (const std::string& name : more) append_field(fields, request, to_lower(name));
  return fields;
}

}  // namespace usher::ticket
