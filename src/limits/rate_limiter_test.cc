#include "limits/rate_limiter.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::limits {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{};
constexpr RateLimit kTwoASecond{2, 1s};

class RateLimiterTest : public testing::Test {
 protected:
  RateLimiter make(RateLimit limit, std::size_t buckets_max = 1024) {
    return RateLimiter(limit, {.buckets_max = buckets_max, .stripes = 1}, entropy);
  }
  test::SeededEntropy entropy;
};

TEST_F(RateLimiterTest, EachKeyHasItsOwnBucket) {
  RateLimiter limiter = make(kTwoASecond);
  EXPECT_TRUE(limiter.take("ada", kStart));
  EXPECT_TRUE(limiter.take("ada", kStart));
  EXPECT_EQ(limiter.take("ada", kStart).retry_after, Duration(500ms));
  EXPECT_TRUE(limiter.take("bob", kStart));
  EXPECT_TRUE(limiter.take("ada", kStart + 500ms));
}

TEST_F(RateLimiterTest, ZeroMeansNoLimitAndNoMemory) {
  RateLimiter limiter = make(kNoLimit);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(limiter.take("ada", kStart));
  EXPECT_EQ(limiter.size(), 0u);
}

TEST_F(RateLimiterTest, BucketsThatAreFullAgainAreForgotten) {
  RateLimiter limiter = make(kTwoASecond);
  for (int i = 0; i < 500; ++i) limiter.take(std::to_string(i), kStart);
  EXPECT_EQ(limiter.size(), 500u);
  for (int i = 0; i < 500; ++i) limiter.take("ada", kStart + 500ms);
  EXPECT_EQ(limiter.size(), 1u);
}

TEST_F(RateLimiterTest, AFloodOfKeysStaysBoundedAndNewcomersShareOneBucket) {
  RateLimiter limiter = make(kTwoASecond, /*buckets_max=*/8);
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += limiter.take(std::to_string(i), kStart) ? 1 : 0;
  EXPECT_EQ(limiter.size(), 8u);
  EXPECT_EQ(admitted, 8 + 2);
  EXPECT_GT(limiter.take("newcomer", kStart).retry_after, Duration::zero());
  EXPECT_TRUE(limiter.take("newcomer", kStart + 1s));
}

TEST_F(RateLimiterTest, AFloodDoesNotRefillTheBucketOfSomebodyHeldBack) {
  RateLimiter limiter = make(kTwoASecond, /*buckets_max=*/8);
  while (limiter.take("attacker", kStart)) {
  }
  for (int i = 0; i < 1000; ++i) limiter.take(std::to_string(i), kStart + 100ms);
  EXPECT_FALSE(limiter.take("attacker", kStart + 100ms));
}

TEST_F(RateLimiterTest, ThreadsTogetherGetNoMoreThanTheLimit) {
  RateLimiter limiter(RateLimit{100, 1h}, {.buckets_max = 64, .stripes = 16}, entropy);
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          admitted += limiter.take(i % 2 == 0 ? "ada" : "bob", kStart) ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(admitted, 200);
}

TEST_F(RateLimiterTest, LookingTakesNothingAndKnowsOnlyWhoHasTaken) {
  RateLimiter limiter = make({1, 10s}, 1);
  EXPECT_TRUE(limiter.peek("a", kStart));
  EXPECT_TRUE(limiter.take("a", kStart));
  EXPECT_EQ(limiter.peek("a", kStart).retry_after, 10s);
  EXPECT_TRUE(limiter.take("no room", kStart));
  EXPECT_TRUE(limiter.peek("no room", kStart));
  EXPECT_TRUE(limiter.peek("a", kStart + 10s));
}

TEST_F(RateLimiterTest, ANewLimitGivesNobodyAFreshBucket) {
  RateLimiter limiter = make({2, 10s}, 4);
  EXPECT_TRUE(limiter.take("a", kStart));
  EXPECT_TRUE(limiter.take("a", kStart));
  limiter.set_limit({3, 10s}, kStart);
  EXPECT_FALSE(limiter.take("a", kStart)) << "it was empty";
  EXPECT_TRUE(limiter.take("a", kStart + 4s));
  limiter.set_limit(kNoLimit, kStart);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(limiter.take("a", kStart));
}

TEST_F(RateLimiterTest, NobodyWaitsForTheDebtOfAnOldLimit) {
  RateLimiter limiter = make({1, 1h}, 4);
  EXPECT_TRUE(limiter.take("a", kStart));
  EXPECT_GT(limiter.take("a", kStart).retry_after, 59min);
  limiter.set_limit({1, 1s}, kStart);
  EXPECT_LE(limiter.peek("a", kStart).retry_after, 1s);
  EXPECT_TRUE(limiter.take("a", kStart + 1s));
}

TEST_F(RateLimiterTest, ALimitCanBeSetWhereThereWasNone) {
  RateLimiter limiter = make(kNoLimit, 4);
  EXPECT_TRUE(limiter.take("a", kStart));
  limiter.set_limit({1, 1s}, kStart);
  EXPECT_TRUE(limiter.take("a", kStart));
  EXPECT_FALSE(limiter.take("a", kStart));
}

}  // namespace
}  // namespace usher::limits
