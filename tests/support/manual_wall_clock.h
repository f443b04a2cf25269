// A civil-time clock that moves only when the test advances it.
#pragma once

#include "base/wall_clock.h"

namespace usher::test {

class ManualWallClock final : public WallClock {
 public:
  explicit ManualWallClock(WallTime start = WallTime(std::chrono::seconds(1'800'000'000)))
      : now_(start) {}
  WallTime now() const override { return now_; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  WallTime now_;
};

}  // namespace usher::test
