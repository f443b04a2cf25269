#include "http/route_checks.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::http {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

TEST(RouteChecksTest, RetryAfterIsRoundedUpToMilliseconds) {
  EXPECT_EQ(to_retry_after(1ns), 1ms);
  EXPECT_EQ(to_retry_after(1500us), 2ms);
  EXPECT_EQ(to_retry_after(2ms), 2ms);
}

TEST(RouteChecksTest, WithoutALimiterEverybodyPasses) {
  EXPECT_FALSE(check_address(nullptr, "192.0.2.1", kStart));
  EXPECT_FALSE(check_session(nullptr, "s1", kStart));
}

TEST(RouteChecksTest, BucketsAreByAddressNetworkAndBySession) {
  test::SeededEntropy entropy;
  limits::RateLimiter limiter({1, 10s}, {.buckets_max = 64, .stripes = 1}, entropy);
  EXPECT_FALSE(check_address(&limiter, "2001:db8::1", kStart));
  const auto refusal = check_address(&limiter, "2001:db8::ffff", kStart);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->problem, Problem::rate_limited);
  EXPECT_EQ(refusal->retry_after, 10s);
  EXPECT_FALSE(check_address(&limiter, "2001:db8:0:1::1", kStart));
  EXPECT_FALSE(check_session(&limiter, "s1", kStart));
  EXPECT_TRUE(check_session(&limiter, "s1", kStart));
  EXPECT_FALSE(check_session(&limiter, "s2", kStart));
}

TEST(RouteChecksTest, OverloadAsksForAtLeastTwoSeconds) {
  EXPECT_FALSE(to_overloaded(limits::Admission{}));
  EXPECT_EQ(to_overloaded(limits::Admission{1ms})->retry_after, kRetryOverloaded);
  EXPECT_EQ(to_overloaded(limits::Admission{5s})->retry_after, 5000ms);
}

TEST(RouteChecksTest, DrainingIsSaidWithATimeToComeBack) {
  metrics::NodeState node;
  EXPECT_FALSE(check_draining(node));
  node.draining = true;
  EXPECT_EQ(check_draining(node)->problem, Problem::draining);
  EXPECT_EQ(check_draining(node)->retry_after, kRetryDraining);
}

TEST(RouteChecksTest, TokenErrorsBecomeTheContractsCodes) {
  EXPECT_EQ(to_refusal(auth::TokenError::signature).problem, Problem::invalid_token);
  EXPECT_EQ(to_refusal(auth::TokenError::expired).problem, Problem::token_expired);
  EXPECT_EQ(to_refusal(auth::TokenError::missing_session).problem, Problem::missing_session);
  EXPECT_EQ(to_refusal(auth::TokenError::algorithm).log_reason,
            auth::reason_of(auth::TokenError::algorithm));
}

TEST(RouteChecksTest, UnusedBodyIsEmptyOrAnObject) {
  wire::JsonReader json;
  for (const char* good : {"", " \t\r\n", "{}", R"({"a":[1]})"})
    EXPECT_FALSE(check_unused_body(json, good)) << good;
  for (const char* bad : {"[]", "{", "x", "1", "null", "{}{}"})
    EXPECT_TRUE(check_unused_body(json, bad)) << bad;
}

}  // namespace
}  // namespace usher::http
