// How long to wait before Redis is asked again: short at first, never long, and not all gateways at
// once.
//
// Half of each delay is jitter. The cap is low, because a gateway without Redis lets nobody in: its
// return must be seen within two seconds.
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

  // One more failure: the delay after it, between the half and the whole of kFirst · 2ⁿ or kCap.
  Duration failed();
  void succeeded() { failures_ = 0; }

 private:
  Entropy& entropy_;
  std::uint32_t failures_ = 0;
};

}  // namespace usher::redis
