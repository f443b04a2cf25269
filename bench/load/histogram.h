// The distribution of millions of durations, in constant memory.
//
// Buckets grow with the value, so each percentile is exact to 1.6 %, which is as exact as the
// measurements themselves. The longest duration is kept exactly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace usher::bench {

class Histogram {
 public:
  // Counts a negative `value` as zero.
  void record(Duration value);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  Duration longest() const { return longest_; }

  // Returns the duration that `percent` of all values did not exceed. Zero if nothing was recorded.
  // Requires: 0 < percent <= 100.
  Duration percentile(double percent) const;

 private:
  static constexpr int kStepBits = 6;  // 64 steps from one power of two to the next
  static constexpr std::size_t kSteps = std::size_t{1} << kStepBits;
  static constexpr std::size_t kBuckets = (64 - kStepBits) * kSteps;

  static std::size_t bucket_of(std::uint64_t nanoseconds);
  static std::uint64_t last_of(std::size_t bucket);  // the longest value in it

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration longest_{};
};

}  // namespace usher::bench
