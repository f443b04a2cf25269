// The real clocks and the kernel's randomness. The only place that asks the operating system for
// either; main passes them on as Clock, WallClock and Entropy.
//
// Threads: all of them may be shared.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/wall_clock.h"

namespace usher {

// CLOCK_BOOTTIME: goes on while the machine sleeps, so that deadlines are overdue after it.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
};

class SystemWallClock final : public WallClock {
 public:
  WallTime now() const override;
};

// getrandom(2).
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::byte> out) override;
};

// CPU that all threads of a process have used since it began; nothing if it is not there.
std::optional<Duration> process_cpu_time(int pid);

}  // namespace usher
