#include "doors/upstream_verdict.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string_view>

#include "base/ascii.h"
#include "base/check.h"
#include "wire/field_list.h"
#include "wire/ws_handshake.h"

namespace usher::doors {
namespace {

constexpr std::array<int, 3> kTemporary = {408, 425, 429};

bool lists(const std::optional<std::string>& field, std::string_view token) {
  bool found = false;
  if (field) {
    wire::for_each_element(*field, [&](std::string_view element) {
      found = found || equal_ignoring_case(element, token);
    });
  }
  return found;
}

// The names of extensions, without their parameters.
std::vector<std::string_view> extension_names(std::string_view list) {
  std::vector<std::string_view> names;
  wire::for_each_element(list, [&](std::string_view element) {
    const std::string_view name = wire::trimmed(element.substr(0, element.find(';')));
    if (!name.empty()) names.push_back(name);
  });
  return names;
}

// Seconds, or a date (RFC 9110 section 10.2.3).
std::optional<std::chrono::milliseconds> retry_after(const wire::HttpAnswer& answer, WallTime now) {
  constexpr std::int64_t kMost = 86'400;
  const auto value = answer.find("retry-after");
  if (!value) return std::nullopt;
  std::int64_t seconds = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, seconds);
  if (error != std::errc() || stop != end) {
    std::tm date{};
    if (strptime(value->c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr)
      return std::nullopt;
    seconds = timegm(&date) - unix_seconds(now);
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMost));
}

UpstreamVerdict wrong(std::string what) {
  return {
      .result = UpstreamResult::wrong, .what = std::move(what), .protocol = {}, .extensions = {}};
}

// RFC 6455 section 4.1, the client's checks.
UpstreamVerdict judge_101(const wire::HttpAnswer& answer, const Offer& offer) {
  if (!lists(answer.find("upgrade"), "websocket") || !lists(answer.find("connection"), "upgrade")) {
    return wrong("its 101 does not say 'Upgrade: websocket' and 'Connection: Upgrade'");
  }
  if (answer.find("sec-websocket-accept") != wire::accept_key(offer.key)) {
    return wrong("its 101 has a wrong Sec-WebSocket-Accept");
  }
  UpstreamVerdict verdict;
  verdict.protocol = answer.find("sec-websocket-protocol").value_or("");
  if (!verdict.protocol.empty() &&
      std::ranges::find(offer.protocols, verdict.protocol) == offer.protocols.end()) {
    return wrong("its 101 selects a subprotocol that was not offered");
  }
  verdict.extensions = answer.find("sec-websocket-extensions").value_or("");
  const auto offered = extension_names(offer.extensions);
  for (const std::string_view name : extension_names(verdict.extensions)) {
    if (std::ranges::find(offered, name) == offered.end()) {
      return wrong("its 101 selects an extension that was not offered");
    }
  }
  return verdict;
}

}  // namespace

std::string_view to_string(UpstreamResult result) {
  switch (result) {
    case UpstreamResult::opened:
      return "opened";
    case UpstreamResult::unreachable:
      return "unreachable";
    case UpstreamResult::unavailable:
      return "unavailable";
    case UpstreamResult::refused:
      return "refused";
    case UpstreamResult::wrong:
      return "wrong";
    case UpstreamResult::count_:
      break;
  }
  USHER_CHECK(false);
}

UpstreamVerdict judge(const wire::HttpAnswer& answer, const Offer& offer, WallTime now) {
  const int status = answer.status;
  if (status == 101) return judge_101(answer, offer);
  const std::string what = "it answered " + std::to_string(status);
  const bool is_temporary = std::ranges::find(kTemporary, status) != kTemporary.end();
  if (status >= 500 || is_temporary) {
    return {.result = UpstreamResult::unavailable,
            .what = what,
            .retry_after = retry_after(answer, now),
            .protocol = {},
            .extensions = {}};
  }
  if (status >= 400) {
    return {.result = UpstreamResult::refused, .what = what, .protocol = {}, .extensions = {}};
  }
  return wrong(what + " to a WebSocket upgrade; is upstreams.url the address of its WebSocket?");
}

}  // namespace usher::doors
