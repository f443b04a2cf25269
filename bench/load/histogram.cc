#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace usher::bench {

// Below 64 ns each value has a bucket of its own; above, the six bits after the leading one choose.
std::size_t Histogram::bucket_of(std::uint64_t nanoseconds) {
  if (nanoseconds < kSteps) return static_cast<std::size_t>(nanoseconds);
  const int shift = std::bit_width(nanoseconds) - 1 - kStepBits;
  const std::uint64_t step = (nanoseconds >> shift) - kSteps;
  return static_cast<std::size_t>(shift + 1) * kSteps + static_cast<std::size_t>(step);
}

std::uint64_t Histogram::last_of(std::size_t bucket) {
  if (bucket < kSteps) return bucket;
  const auto shift = static_cast<int>(bucket / kSteps) - 1;
  const std::uint64_t begin = (kSteps + bucket % kSteps) << shift;
  return begin + ((std::uint64_t{1} << shift) - 1);
}

void Histogram::record(Duration value) {
  value = std::max(value, Duration::zero());
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value.count()))];
  ++count_;
  longest_ = std::max(longest_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  longest_ = std::max(longest_, other.longest_);
}

Duration Histogram::percentile(double percent) const {
  if (count_ == 0) return Duration::zero();
  const double wanted = std::ceil(percent / 100 * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (static_cast<double>(seen) >= wanted)
      return std::min(Duration(static_cast<Duration::rep>(last_of(i))), longest_);
  }
  return longest_;
}

}  // namespace usher::bench
