#include "client/reconnect_policy.h"

#include <algorithm>
#include <cmath>

namespace usher::client {

namespace {

constexpr double kDelayMinMs = 250;
constexpr double kDelayMaxMs = 5000;
constexpr std::uint32_t kShiftMax = 16;

double backoff_ms(std::uint32_t failures, double r) {
  const double middle = std::min(kDelayMaxMs, kDelayMinMs * (1u << std::min(failures, kShiftMax)));
  return std::floor(middle * (1 + 0.25 * (2 * r - 1)));
}

}  // namespace

std::chrono::milliseconds capped_delay(double ms) {
  if (!(ms > 0)) return std::chrono::milliseconds(0);
  const double cap = static_cast<double>(kDelayCap.count());
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::floor(std::min(ms, cap))));
}

std::chrono::milliseconds ReconnectPolicy::failed(GivenDelay given, double spread_ms) {
  const double r = random_();
  double delay = spread_ms > 0 ? std::floor(spread_ms * r) : backoff_ms(failures_, r);
  ++failures_;
  if (given.ms > delay) delay = given.place ? given.ms + 1000 * r : given.ms * (1 + 0.25 * r);
  return capped_delay(delay);
}

bool ReconnectPolicy::failed_free() {
  if (free_retry_used_) return false;
  free_retry_used_ = true;
  ++failures_;
  return true;
}

void ReconnectPolicy::stable() {
  failures_ = 0;
  free_retry_used_ = false;
}

}  // namespace usher::client
