#include "limits/token_bucket.h"

#include <gtest/gtest.h>

namespace usher::limits {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{};

TEST(TokenBucketTest, GivesItsCountAtOnceAndThenSaysHowLongToWait) {
  TokenBucket bucket;
  const RateLimit limit{3, 3s};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(limit, kStart));
  EXPECT_EQ(bucket.take(limit, kStart).retry_after, Duration(1s));
  EXPECT_EQ(bucket.take(limit, kStart + 1s - 1ns).retry_after, Duration(1ns));
  EXPECT_TRUE(bucket.take(limit, kStart + 1s));
  EXPECT_FALSE(bucket.take(limit, kStart + 1s));
}

TEST(TokenBucketTest, RefillsEvenlyUpToItsCountAndNoFurther) {
  TokenBucket bucket;
  const RateLimit limit{10, 1s};
  for (int i = 0; i < 10; ++i) bucket.take(limit, kStart);
  EXPECT_FALSE(bucket.is_full(kStart + 1s - 1ns));
  EXPECT_TRUE(bucket.is_full(kStart + 1s));
  int taken = 0;
  while (bucket.take(limit, kStart + 1h)) ++taken;
  EXPECT_EQ(taken, 10);
}

TEST(TokenBucketTest, ARefusalCostsNothing) {
  TokenBucket bucket;
  const RateLimit limit{1, 1s};
  EXPECT_TRUE(bucket.take(limit, kStart));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(bucket.take(limit, kStart + 1ms));
  EXPECT_TRUE(bucket.take(limit, kStart + 1s));
}

TEST(TokenBucketTest, AnUnevenLimitIsNeverExceeded) {
  TokenBucket bucket;
  const RateLimit limit{7, 1us};
  int taken = 0;
  for (auto time = 0ns; time < 100us; time += 1ns) {
    if (bucket.take(limit, kStart + time)) ++taken;
  }
  EXPECT_GE(taken, 690);
  EXPECT_LE(taken, 707);
}

TEST(TokenBucketTest, NoLimitLetsEverythingThrough) {
  TokenBucket bucket;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(bucket.take(kNoLimit, kStart));
}

TEST(RateLimitTest, IsWrittenAsCountAndDuration) {
  EXPECT_EQ(parse_rate_limit("30/10s"), (RateLimit{30, 10s}));
  EXPECT_EQ(parse_rate_limit("100/1s"), (RateLimit{100, 1s}));
  EXPECT_EQ(parse_rate_limit("300/1m"), (RateLimit{300, 1min}));
  EXPECT_EQ(parse_rate_limit("0"), kNoLimit);
  for (const auto* text : {"", "30", "30/", "/10s", "0/1s", "30/0s", "30/10", "-1/1s", " 30/10s",
                           "30 /10s", "30/10s ", "00", "4294967296/1s", "1.5/1s", "30//1s"}) {
    EXPECT_FALSE(parse_rate_limit(text)) << text;
  }
  for (const auto* text : {"30/10s", "300/1m", "1/500ms", "0"}) {
    EXPECT_EQ(format_rate_limit(parse_rate_limit(text).value()), text);
  }
}

}  // namespace
}  // namespace usher::limits
