// One thread's part of a run's work: counts and times. A plain value; the parts are merged when all
// threads have ended.
#pragma once

#include <optional>
#include <string>

#include "bench/load/histogram.h"
#include "bench/load/process_usage.h"

namespace usher::bench {

struct Tally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  TimePoint began{};
  TimePoint ended{};
  Histogram times;      // of the work that was done
  std::string failure;  // the first; "" if all went well

  Duration elapsed() const { return ended - began; }

  // Counts one more piece of work as done, and records how long it took.
  void record(Duration time) {
    ++done;
    times.record(time);
  }
  void fail(std::string sentence);

  // Adds `other`, whose work was done at the same time: the sum lasts from the first beginning to
  // the last end.
  void merge(const Tally& other);
};

// All threads' work, and what it cost the server.
struct Work {
  Tally tally;
  std::optional<ProcessUsage> before;  // nullopt: the server was not watched
  std::optional<ProcessUsage> after;
  double load_busy = 0;  // share of time in which the load's own threads were busy
};

}  // namespace usher::bench
