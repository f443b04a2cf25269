// The delay before the next attempt to reach Redis: short at first, never long, and different on
// each gateway.
//
// Half of each delay is jitter. The cap is low, because a gateway without Redis accepts no client:
// it must notice within two seconds that Redis is back.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/entropy.h"

namespace usher::redis {

class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{50};
  static constexpr std::chrono::milliseconds kCap{500};

  explicit Backoff(Entropy& entropy) : entropy_(entropy) {}

  // Counts a failure. Returns the delay after it: between half of kFirst · 2ⁿ (at most kCap) and
  // all of it.
  Duration failed();
  void succeeded() { failures_ = 0; }

 private:
  Entropy& entropy_;
  std::uint32_t failures_ = 0;
};

}  // namespace usher::redis
