// A mode whose threads work independently of each other: each prepares its part, then does it. The
// server's usage is read before and after.
#pragma once

#include <memory>
#include <vector>

#include "bench/load/load_threads.h"
#include "bench/load/report.h"
#include "bench/load/tally.h"

namespace usher::bench {

template <class Part>
using Parts = std::vector<std::unique_ptr<Part>>;

// A Part has prepare(), work() and tally(). A tally that has a failure after prepare() stops the
// run before any work. Returns false in that case; `report` then says why.
template <class Part>
bool do_parts(LoadThreads& threads, Parts<Part>& parts, Work& work, Report& report) {
  threads.run([&](std::size_t i) { parts[i]->prepare(); });
  for (const auto& part : parts) report.fail(part->tally().failure);
  if (!report.failure().empty()) return false;
  work.before = threads.usage_at_rest();
  const Duration cpu = threads.cpu_of_each();
  threads.run([&](std::size_t i) { parts[i]->work(); });
  const Duration busy = threads.cpu_of_each() - cpu;
  work.after = threads.usage_at_rest();
  work.tally = parts.front()->tally();
  for (std::size_t i = 1; i < parts.size(); ++i) work.tally.merge(parts[i]->tally());
  work.load_busy = seconds_of(busy) / seconds_of(work.tally.elapsed());
  report.fail(work.tally.failure);
  return true;
}

}  // namespace usher::bench
