// Any bytes as an Origin header, and as an entry of the list of allowed ones.
#include <algorithm>
#include <cstdint>
#include <string>

#include "auth/origin.h"
#include "auth/origin_policy.h"
#include "base/check.h"

namespace {

using namespace usher::auth;

// What a URL would have to be to lead a browser elsewhere than where we think it leads.
bool is_plain(const std::string& text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view(":/.-_+[]").find(c) != std::string_view::npos;
  });
}

void check_as_header(std::string_view header) {
  static const OriginPolicy policy(
      {.allowed = {"https://app.example.com", "https://*.example.org:8443"}});
  const auto origin = parse_origin(header);
  if (!origin) {
    USHER_CHECK(!policy.allows(header));
    USHER_CHECK(origin_host(header) == (header == "null" ? "null" : "(malformed)"));
    return;
  }
  USHER_CHECK(is_plain(origin->text()));
  USHER_CHECK(parse_origin(origin->text()) == origin);
  USHER_CHECK(is_same_origin(header, origin->text()));
  if (!policy.allows(header)) return;

  const bool exact = *origin == Origin{"https", "app.example.com", 0};
  const bool one_label = origin->scheme == "https" && origin->port == 8443 &&
                         origin->host.ends_with(".example.org") &&
                         std::ranges::count(origin->host, '.') == 2;
  USHER_CHECK(exact || one_label);
}

void check_as_entry(const std::string& entry) {
  try {
    const OriginPolicy policy({.allowed = {entry}});
    const auto origin = parse_origin(entry);
    USHER_CHECK(!origin || policy.allows(entry));
    USHER_CHECK(!policy.allows("https://stranger.invalid") ||
                origin == Origin({"https", "stranger.invalid", 0}));
  } catch (const OriginPolicyError&) {
    USHER_CHECK(!parse_origin(entry) && entry != "null");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_as_header(text);
  check_as_entry(text);
  return 0;
}
