#include "bench/load/target.h"

namespace usher::bench {

std::optional<ProcessUsage> usage_at_rest(Loop& loop, const Target& target) {
  constexpr Duration kStep = std::chrono::milliseconds(50);
  constexpr Duration kRest = std::chrono::microseconds(500);  // of CPU in one step
  constexpr int kStepsMax = 40;
  auto usage = target.usage();
  for (int i = 0; usage && i < kStepsMax; ++i) {
    loop.run([] { return false; }, kStep);
    const auto later = target.usage();
    if (!later || later->cpu - usage->cpu < kRest) return later;
    usage = later;
  }
  return usage;
}

}  // namespace usher::bench
