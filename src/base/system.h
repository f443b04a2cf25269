// The real clocks and the kernel's randomness. No other code asks the operating system for them;
// main passes them on as Clock, WallClock and Entropy.
//
// Threads: all of them may be shared.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/wall_clock.h"

namespace usher {

// CLOCK_BOOTTIME: continues while the machine sleeps, so that deadlines are overdue afterwards.
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

// Returns the CPU time that all threads of the process have used since its start, or `nullopt` if
// there is no such process.
std::optional<Duration> process_cpu_time(int pid);

}  // namespace usher
