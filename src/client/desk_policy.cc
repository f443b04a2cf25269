#include "client/desk_policy.h"

#include <algorithm>

namespace usher::client {

void DeskPolicy::close_until(Instant moment) { gate_ = std::max(gate_, moment); }

Millis DeskPolicy::failed(GivenDelay given, double spread_ms) {
  if (std::exchange(free_, false)) return Millis(0);
  const Millis delay = is_open() ? ReconnectPolicy::failed(given, spread_ms)
                                 : std::max(gate_ - now_, capped_delay(given.ms));
  close_until(now_ + delay);
  return delay;
}

bool DeskPolicy::failed_free() {
  free_ = ReconnectPolicy::failed_free();
  return false;
}

void DeskPolicy::stable() {
  if (is_open()) ReconnectPolicy::stable();
}

}  // namespace usher::client
