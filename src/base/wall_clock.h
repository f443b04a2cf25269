// Wall clock time, as a dependency: for `exp` of a token, and for log lines. Never for measuring a
// duration (see clock.h).
#pragma once

#include <chrono>

namespace usher {

// Unix time, with milliseconds.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

class WallClock {
 public:
  virtual ~WallClock() = default;
  virtual WallTime now() const = 0;
};

inline std::int64_t unix_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace usher
