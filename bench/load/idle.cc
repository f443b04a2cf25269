// idle: what a connection that does nothing costs in memory.
#include "bench/load/crowd.h"
#include "bench/load/modes.h"
#include "bench/load/parts.h"

namespace usher::bench {
namespace {

// One thread's connections: first some that do not count, then those that are measured.
class Idlers {
 public:
  Idlers(const Setting& setting, std::size_t at_the_door_max, Share before, Share counted)
      : before_(before.count),
        counted_(counted.count),
        crowd_(setting, at_the_door_max, before.first + counted.first) {}

  void prepare() {
    if (!crowd_.grow_to(before_)) tally_.fail(crowd_.failure());
  }
  void work() {
    if (!crowd_.grow_to(before_ + counted_)) tally_.fail(crowd_.failure());
  }
  const Tally& tally() const { return tally_; }
  const Crowd& crowd() const { return crowd_; }

 private:
  const std::size_t before_;
  const std::size_t counted_;
  Crowd crowd_;
  Tally tally_;
};

}  // namespace

Report measure_idle(LoadThreads& threads, const IdleOptions& options) {
  const std::size_t n = threads.size();
  Parts<Idlers> parts;
  for (std::size_t i = 0; i < n; ++i) {
    parts.push_back(std::make_unique<Idlers>(threads[i], share_of(kAtTheDoor, n, i).count,
                                             share_of(options.before, n, i),
                                             share_of(options.count, n, i)));
  }
  Report report("idle");
  Work work;
  if (!do_parts(threads, parts, work, report)) return report;
  const auto later = threads.usage_at_rest();
  std::size_t connections = 0;
  for (const auto& part : parts) {
    connections += part->crowd().size() - part->crowd().out();
    if (part->crowd().out() > 0) report.fail(part->crowd().failure());
  }
  report.add("connections", static_cast<std::int64_t>(connections));
  report.add_cpu(work.before, work.after, "connection", options.count);
  if (work.before && later) {
    const std::int64_t growth = later->memory_bytes - work.before->memory_bytes;
    report.add("memory_bytes", later->memory_bytes);
    report.add("memory_bytes_per_connection",
               static_cast<double>(growth) / static_cast<double>(options.count));
  }
  return report;
}

}  // namespace usher::bench
