// The result of a run: named values in their order, as text or as one JSON object.
//
// Names end in their unit. A run that lost something, or could not do all of its work, has failed;
// the report says so in one sentence.
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

// What a report calls the work of a run: {"handshake", "handshakes", "upgrade"}.
struct WorkNames {
  std::string_view unit;
  std::string_view units;
  std::string_view time;  // the time that one takes
};

class Report {
 public:
  explicit Report(std::string_view mode) : mode_(mode) {}

  void add(std::string_view name, std::int64_t value);
  void add(std::string_view name, double value);

  // Adds `name`_p50_ms, p90, p99, p99.9 and max.
  void add_times(std::string_view name, const Histogram& times);

  // Adds the server's CPU seconds, and the CPU microseconds for each of `count` `unit`s. Adds
  // nothing if the server was not watched or has ended.
  void add_cpu(const std::optional<ProcessUsage>& before, const std::optional<ProcessUsage>& after,
               std::string_view unit, std::uint64_t count);

  // Adds seconds, units per second, the server's CPU, the times, and how busy the load generator
  // itself was.
  void add_rate(const WorkNames& names, const Work& work);

  // Adds how many attempts there were and how many failed, then the same as add_rate().
  void add_attempts(const WorkNames& names, const Work& work);

  void fail(std::string sentence);                         // "": no effect
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
