// Returns memory to the system after a storm. The allocator keeps freed memory, so a gateway that
// once had 8,000 full outboxes would otherwise stay that large for the rest of its life.
//
// Trimming takes locks that the shards' threads need, so it waits for a quiet moment. While it
// frees nothing, it is tried less often.
//
// ReturnPolicy decides, with time as an argument; MemoryReturn measures and trims.
//
// Threads: one, which is not a shard's.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "net/fd.h"

namespace usher::node {

struct ReturnOptions {
  std::uint64_t surplus_bytes = 32 << 20;         // above the least so far; a quarter of it if more
  double quiet_load = 0.25;                       // of a core for each shard
  int quiet_samples = 3;                          // in a row
  Duration first_wait = std::chrono::seconds(5);  // between two tries; a vain one doubles it
  Duration last_wait = std::chrono::seconds(60);
};

struct MemorySample {
  std::uint64_t resident_bytes;
  Duration cpu_time;  // of the process, since its start
};

class ReturnPolicy {
 public:
  ReturnPolicy(ReturnOptions options, std::size_t shards)
      : options_(options), shards_(shards), wait_(options.first_wait) {}

  // The caller calls it about once a second. Returns true if the caller must trim now, and then
  // call tried().
  bool wants(const MemorySample& sample, TimePoint now);
  void tried(std::uint64_t resident_bytes_before, std::uint64_t resident_bytes_after,
             TimePoint now);

 private:
  bool is_quiet(const MemorySample& sample, TimePoint now);

  const ReturnOptions options_;
  const std::size_t shards_;
  std::optional<MemorySample> last_;
  TimePoint last_at_;
  int quiet_ = 0;  // samples so far
  std::uint64_t least_bytes_ = UINT64_MAX;
  std::uint64_t tried_bytes_ = 0;  // resident after the last try
  Duration wait_;
  std::optional<TimePoint> tried_at_;
};

class MemoryReturn {
 public:
  // Borrows `clock` and `log`.
  MemoryReturn(std::size_t shards, const Clock& clock, Log& log);

  void tick();  // about once a second

 private:
  std::optional<MemorySample> measure() const;

  const Clock& clock_;
  Log& log_;
  net::Fd statm_;  // kept open, so that reading needs no path
  ReturnPolicy policy_;
};

}  // namespace usher::node
