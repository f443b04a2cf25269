// Returns memory to the system after a storm. The allocator keeps freed memory, so a gateway that
// once had 8,000 full outboxes would otherwise stay that large for the rest of its life.
//
// Trimming takes locks that the shards' threads want, so it waits for a quiet moment, and is tried
// less often while it brings nothing.
//
// ReturnPolicy decides, with time as an argument; MemoryReturn measures and carries out.
//
// Threads: one, which is no shard's.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "net/fd.h"

namespace usher::node {

struct ReturnOptions {
  std::uint64_t surplus_bytes = 32 << 20;         // above the least so far, and a quarter of it
  double quiet_load = 0.25;                       // of a core for each shard
  int quiet_samples = 3;                          // one after the other
  Duration first_wait = std::chrono::seconds(5);  // between two tries; doubled by one in vain
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
  std::uint64_t tried_bytes_ = 0;  // what the last try left
  Duration wait_;
  std::optional<TimePoint> tried_at_;
};

class MemoryReturn {
 public:
  // Borrows both.
  MemoryReturn(std::size_t shards, const Clock& clock, Log& log);

  void tick();  // about once a second

 private:
  std::optional<MemorySample> measure() const;

  const Clock& clock_;
  Log& log_;
  net::Fd statm_;  // kept open: reading it needs no path then
  ReturnPolicy policy_;
};

}  // namespace usher::node
