#include "redis/link/distinct.h"

#include <algorithm>
#include <iterator>

namespace usher::redis {

void make_sketch(std::vector<std::uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  if (hashes.size() > kSketchMax) hashes.resize(kSketchMax);
}

void merge_sketch(std::vector<std::uint64_t>& sketch, const std::vector<std::uint64_t>& other) {
  std::vector<std::uint64_t> both;
  both.reserve(sketch.size() + other.size());
  std::merge(sketch.begin(), sketch.end(), other.begin(), other.end(), std::back_inserter(both));
  both.erase(std::unique(both.begin(), both.end()), both.end());
  if (both.size() > kSketchMax) both.resize(kSketchMax);
  sketch = std::move(both);
}

std::uint64_t distinct(const std::vector<std::uint64_t>& sketch) {
  if (sketch.size() < kSketchMax) return sketch.size();
  constexpr double kAll = 18446744073709551616.0;  // 2^64
  const double largest = static_cast<double>(sketch.back()) + 1;
  return static_cast<std::uint64_t>(static_cast<double>(kSketchMax - 1) * (kAll / largest));
}

}  // namespace usher::redis
