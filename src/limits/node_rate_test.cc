#include "limits/node_rate.h"

#include <gtest/gtest.h>

namespace usher::limits {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

TEST(NodeRateTest, LookingTakesNothing) {
  NodeRate rate({2, 1s});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rate.peek(kStart));
  EXPECT_TRUE(rate.take(kStart));
  EXPECT_TRUE(rate.take(kStart));
  EXPECT_FALSE(rate.peek(kStart));
  EXPECT_FALSE(rate.take(kStart));
}

TEST(NodeRateTest, RefillsEvenlyAndSaysWhen) {
  NodeRate rate({2, 1s});
  rate.take(kStart);
  rate.take(kStart);
  EXPECT_EQ(rate.peek(kStart).retry_after, 500ms);
  EXPECT_TRUE(rate.take(kStart + 500ms));
  EXPECT_FALSE(rate.take(kStart + 500ms));
}

TEST(NodeRateTest, ZeroIsNoLimit) {
  NodeRate rate(kNoLimit);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(rate.take(kStart));
}

TEST(NodeRateTest, ANewLimitKeepsWhatWasTaken) {
  NodeRate rate({2, 1s});
  rate.take(kStart);
  rate.take(kStart);
  rate.set_limit({4, 1s});
  EXPECT_FALSE(rate.peek(kStart));
  rate.set_limit(kNoLimit);
  EXPECT_TRUE(rate.take(kStart));
  rate.set_limit({1, 1s});
  EXPECT_TRUE(rate.take(kStart + 1s));
  EXPECT_FALSE(rate.take(kStart + 1s));
}

}  // namespace
}  // namespace usher::limits
