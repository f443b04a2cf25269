#include "client/connection.h"

#include <algorithm>
#include <cmath>

#include "client/json_fields.h"
#include "client/retry_after.h"

namespace usher::client {

namespace {

constexpr Millis kPongGrace = std::chrono::seconds(10);
constexpr Millis kStableUptime = std::chrono::seconds(5);
constexpr double kPingSecondsMax = 86400;

double positive(std::optional<double> number) {
  return number && *number > 0 && std::isfinite(*number) ? *number : 0;
}

}  // namespace

Connection::Connection(const json::object& push, Instant now)
    : since_(now),
      ping_interval_(static_cast<std::int64_t>(
          std::min(positive(number_field(push, "ping")), kPingSecondsMax) * 1000)),
      pong_(bool_field(push, "pong").value_or(false)),
      spread_ms_(positive(number_field(push, "reconnect_spread_ms"))) {}

std::optional<Instant> Connection::ping_due(Instant now) const {
  if (ping_interval_ <= Millis(0)) return std::nullopt;
  return now + ping_interval_ + kPongGrace;
}

void Connection::announce_end(const json::object& disconnect, Instant now) {
  const HttpFailure words{.retry_after_ms = number_field(disconnect, "retry_after_ms"),
                          .place = bool_field(disconnect, "place").value_or(false)};
  given_ = given_delay(words, now);
}

bool Connection::is_stable(Instant now) const { return now - since_ >= kStableUptime; }

}  // namespace usher::client
