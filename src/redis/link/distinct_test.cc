#include "redis/link/distinct.h"

#include <gtest/gtest.h>

#include <random>

namespace usher::redis {
namespace {

std::vector<std::uint64_t> seen(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> hashes(count);
  for (auto& hash : hashes) hash = random();
  return hashes;
}

TEST(Distinct, AFewAreCountedExactlyHoweverOftenSeen) {
  auto sketch = seen(1, kSketchMax - 1);
  const auto again = sketch;
  sketch.insert(sketch.end(), again.begin(), again.end());
  make_sketch(sketch);
  EXPECT_EQ(distinct(sketch), kSketchMax - 1);
  auto other = again;
  make_sketch(other);
  merge_sketch(sketch, other);
  EXPECT_EQ(distinct(sketch), kSketchMax - 1);
  std::vector<std::uint64_t> nothing;
  EXPECT_EQ(distinct(nothing), 0u);
}

TEST(Distinct, ManyOnSeveralNodesAreToldWithinThreePercent) {
  constexpr std::size_t kOnEach = 100'000;
  std::vector<std::uint64_t> total;
  const auto everywhere = seen(99, kOnEach);
  for (std::uint64_t node = 1; node <= 3; ++node) {
    auto sketch = seen(node, kOnEach);
    sketch.insert(sketch.end(), everywhere.begin(), everywhere.end());
    make_sketch(sketch);
    ASSERT_EQ(sketch.size(), kSketchMax);
    merge_sketch(total, sketch);
    ASSERT_LE(total.size(), kSketchMax);
  }
  EXPECT_NEAR(static_cast<double>(distinct(total)), 4.0 * kOnEach, 0.03 * 4 * kOnEach);
}

}  // namespace
}  // namespace usher::redis
