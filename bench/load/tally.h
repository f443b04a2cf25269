// What one thread has done of the work that a run is about; by value, merged when all have ended.
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
  Histogram times;      // of what was done
  std::string failure;  // the first; "" if all went well

  Duration elapsed() const { return ended - began; }

  // One more is done, and took so long.
  void record(Duration time) {
    ++done;
    times.record(time);
  }
  void fail(std::string sentence);

  // From the first beginning to the last end. `other` has done its work at the same time.
  void merge(const Tally& other);
};

// All threads' work, and what it cost the server.
struct Work {
  Tally tally;
  std::optional<ProcessUsage> before;  // nothing: the server was not watched
  std::optional<ProcessUsage> after;
  double load_busy = 0;  // share of the time in which the load itself was busy, of all its threads
};

}  // namespace usher::bench
