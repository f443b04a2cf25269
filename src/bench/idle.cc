// idle: what a connection that does nothing costs in memory.
#include "bench/crowd.h"
#include "bench/modes.h"

namespace usher::bench {

Report measure_idle(const Setting& setting, const IdleOptions& options) {
  constexpr std::size_t kAtTheDoor = 64;
  Report report("idle");
  Crowd crowd(setting, kAtTheDoor);
  if (!crowd.grow_to(options.before)) {
    report.fail(crowd.failure());
    return report;
  }
  const auto before = usage_at_rest(setting.loop, setting.target);
  const bool all_in = crowd.grow_to(options.before + options.count);
  const auto after = usage_at_rest(setting.loop, setting.target);
  const auto later = usage_at_rest(setting.loop, setting.target);
  if (!all_in || crowd.out() > 0) report.fail(crowd.failure());
  report.add("connections", static_cast<std::int64_t>(crowd.size() - crowd.out()));
  report.add_cpu(before, after, "connection", options.count);
  if (before && later) {
    const std::int64_t growth = later->memory_bytes - before->memory_bytes;
    report.add("memory_bytes", later->memory_bytes);
    report.add("memory_bytes_per_connection",
               static_cast<double>(growth) / static_cast<double>(options.count));
  }
  return report;
}

}  // namespace usher::bench
