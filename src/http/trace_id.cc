#include "http/trace_id.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace usher::http {
namespace {

bool is_lowercase_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_all_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

// `00-<32 hex trace-id>-<16 hex parent-id>-<2 hex flags>`; later versions may be longer (W3C Trace
// Context 3.2.4).
std::optional<std::string_view> trace_id_of_traceparent(std::string_view header) {
  constexpr std::size_t kLength = 55;
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return {};
  const auto version = header.substr(0, 2);
  const auto trace = header.substr(3, 32);
  const auto parent = header.substr(36, 16);
  const auto flags = header.substr(53, 2);
  for (const auto part : {version, trace, parent, flags}) {
    if (!is_lowercase_hex(part)) return {};
  }
  if (version == "ff" || is_all_zero(trace) || is_all_zero(parent)) return {};
  const bool has_more = header.size() > kLength;
  if (has_more && (version == "00" || header[kLength] != '-')) return {};
  return trace;
}

bool is_safe_id(std::string_view text) {
  return !text.empty() && text.size() <= kTraceIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

std::string trace_id_of(const wire::HttpRequest& request, Entropy& entropy) {
  if (const auto header = request.find("traceparent")) {
    if (const auto trace = trace_id_of_traceparent(*header)) return std::string(*trace);
  }
  if (const auto id = request.find("x-request-id"); id && is_safe_id(*id)) return std::string(*id);
  return random_trace_id(entropy);
}

std::string traceparent_of(const wire::HttpRequest& request, Entropy& entropy) {
  const auto own = request.find("traceparent");
  if (own && trace_id_of_traceparent(*own)) return std::string(*own);
  return "00-" + random_trace_id(entropy) + "-" + to_hex(entropy.bytes<8>()) + "-00";
}

std::string random_trace_id(Entropy& entropy) { return to_hex(entropy.bytes<16>()); }

}  // namespace usher::http
