// The load on Redis in a storm: the peaks of the values in its INFO, beside its limits.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/load/report.h"

namespace usher::bench {

// Returns the integer that INFO's text has for `key`, or `nullopt` if it has none.
std::optional<std::int64_t> read_info(std::string_view info, std::string_view key);

class RedisPeaks {
 public:
  // Takes the text of one INFO. Counts start at the first one.
  void take(std::string_view info);

  bool was_seen() const { return seen_; }

  // Adds the peaks, and a failure for each limit that was exceeded.
  void add_to(Report& report) const;

 private:
  // A count that starts again from zero when Redis restarts.
  struct Growth {
    std::int64_t last = 0;
    std::int64_t sum = 0;
    void take(std::int64_t value, bool is_first);
  };

  bool seen_ = false;
  std::int64_t memory_bytes_ = 0;
  std::int64_t memory_bytes_max_ = 0;  // 0: no limit
  std::int64_t clients_ = 0;
  std::int64_t clients_max_ = 0;  // 0: INFO does not say
  std::int64_t blocked_ = 0;
  std::int64_t operations_ = 0;  // per second
  Growth rejected_;              // connections
  Growth evicted_;               // keys
};

}  // namespace usher::bench
