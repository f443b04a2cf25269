#include "http/cors.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "metrics/counts.h"
#include "wire/field_list.h"

namespace usher::http {
namespace {

// Headers that pages' own code needs, and those that tracing libraries add to every request.
constexpr std::string_view kHeaders =
    "Authorization, Content-Type, X-Request-ID, X-Requested-With, traceparent, tracestate, "
    "baggage, "
    "sentry-trace, newrelic";
constexpr std::string_view kDatadog = "x-datadog-*";  // a family that grows

// A preflight's list is as long as the page's script likes; no library sends more than a few.
constexpr std::size_t kAskedMax = 32;

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

// Appends the names in `asked` that begin as `pattern` does, up to its star.
void append_family(std::string& list, std::string_view pattern, std::string_view asked) {
  pattern.remove_suffix(1);
  for (std::size_t count = 0; count < kAskedMax && !asked.empty(); ++count) {
    const std::size_t comma = std::min(asked.find(','), asked.size());
    const std::string_view name = wire::trimmed(asked.substr(0, comma));
    asked.remove_prefix(std::min(comma + 1, asked.size()));
    if (is_name(name) && starts_with_ignoring_case(name, pattern)) list.append(", ").append(name);
  }
}

}  // namespace

void add_cors(wire::HttpResponse& response, std::optional<std::string_view> origin,
              bool credentials) {
  response.set("Vary", "Origin");
  if (!origin) return;
  response.set("Access-Control-Allow-Origin", std::string(*origin));
  response.set("Access-Control-Expose-Headers", "Retry-After");
  if (credentials) response.set("Access-Control-Allow-Credentials", "true");
}

wire::HttpResponse make_preflight(std::string_view methods, std::string_view asked,
                                  std::span<const std::string> more) {
  std::string headers(kHeaders);
  append_family(headers, kDatadog, asked);
  for (const std::string& entry : more) {
    if (entry.ends_with('*')) {
      append_family(headers, entry, asked);
    } else {
      headers.append(", ").append(entry);
    }
  }
  wire::HttpResponse response;
  response.status = metrics::CountedStatus(204).value();
  response.set("Access-Control-Allow-Methods", std::string(methods));
  response.set("Access-Control-Allow-Headers", std::move(headers));
  response.set("Access-Control-Max-Age", "7200");  // the longest that Chromium keeps one
  return response;
}

wire::HttpResponse make_server_options() {
  wire::HttpResponse response;
  response.status = metrics::CountedStatus(204).value();
  response.set("Allow", "GET, HEAD, POST, OPTIONS");
  return response;
}

bool is_header_pattern(std::string_view text) {
  // `*` alone would be every header, which is not what CORS means by it for Authorization.
  if (text.ends_with('*')) text.remove_suffix(1);
  return is_name(text);
}

}  // namespace usher::http
