// Millions of durations in constant memory, and what share of them was how long.
//
// Buckets grow with the value, so each percentile is right to 1.6 %: as exact as what is measured.
// The longest is kept as it is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace usher::bench {

class Histogram {
 public:
  // Below zero counts as zero.
  void record(Duration value);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  Duration longest() const { return longest_; }

  // No more than this took `percent` of all, 0 < percent <= 100. Zero when nothing was recorded.
  Duration percentile(double percent) const;

 private:
  static constexpr int kStepBits = 6;  // 64 steps from one power of two to the next
  static constexpr std::size_t kSteps = std::size_t{1} << kStepBits;
  static constexpr std::size_t kBuckets = (64 - kStepBits) * kSteps;

  static std::size_t bucket_of(std::uint64_t nanoseconds);
  static std::uint64_t last_of(std::size_t bucket);  // the longest that falls into it

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration longest_{};
};

}  // namespace usher::bench
