// What a run has found: named values in their order, for people or as one JSON object.
//
// Names end in their unit. A run that lost something, or could not do all of its work, has failed,
// and says so in one sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/load/histogram.h"
#include "bench/load/process_usage.h"
#include "bench/load/tally.h"

namespace usher::bench {

// How a report calls what a run did: {"handshake", "handshakes", "upgrade"}.
struct WorkNames {
  std::string_view unit;
  std::string_view units;
  std::string_view time;  // of one
};

class Report {
 public:
  explicit Report(std::string_view mode) : mode_(mode) {}

  void add(std::string_view name, std::int64_t value);
  void add(std::string_view name, double value);

  // `name`_p50_ms, p90, p99, p99.9 and max.
  void add_times(std::string_view name, const Histogram& times);

  // The server's CPU seconds, and microseconds of it for each of `count` `unit`s. Nothing when it
  // was not watched, or has gone.
  void add_cpu(const std::optional<ProcessUsage>& before, const std::optional<ProcessUsage>& after,
               std::string_view unit, std::uint64_t count);

  // Seconds, units a second, the server's CPU, the times, and how busy the load itself was.
  void add_rate(const WorkNames& names, const Work& work);

  // The same behind how many there were, and how many failed.
  void add_attempts(const WorkNames& names, const Work& work);

  void fail(std::string sentence);                         // "": nothing
  const std::string& failure() const { return failure_; }  // "" if all went well

  std::string text() const;
  std::string json() const;

 private:
  struct Entry {
    std::string name;
    std::variant<std::int64_t, double> value;
  };

  std::string mode_;
  std::vector<Entry> entries_;
  std::string failure_;
};

double seconds_of(Duration duration);

}  // namespace usher::bench
