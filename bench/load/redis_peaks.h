// How hard Redis had it in a storm: the peaks of what its INFO tells, beside its limits.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/load/report.h"

namespace usher::bench {

// The whole number that INFO's text has for `key`; nothing: it has none.
std::optional<std::int64_t> read_info(std::string_view info, std::string_view key);

class RedisPeaks {
 public:
  // The text of INFO. What is counted is counted from the first one on.
  void take(std::string_view info);

  bool was_seen() const { return seen_; }

  // Lines for what was seen; a failure for each limit that was passed.
  void add_to(Report& report) const;

 private:
  // A count that begins anew when Redis does.
  struct Growth {
    std::int64_t last = 0;
    std::int64_t sum = 0;
    void take(std::int64_t value, bool is_first);
  };

  bool seen_ = false;
  std::int64_t memory_bytes_ = 0;
  std::int64_t memory_bytes_max_ = 0;  // 0: no limit
  std::int64_t clients_ = 0;
  std::int64_t clients_max_ = 0;  // 0: it does not tell
  std::int64_t blocked_ = 0;
  std::int64_t operations_ = 0;  // a second
  Growth rejected_;              // connections
  Growth evicted_;               // keys
};

}  // namespace usher::bench
