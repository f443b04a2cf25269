#include "client/reconnect_policy.h"

#include <limits>

#include <gtest/gtest.h>

namespace usher::client {
namespace {

using namespace std::chrono_literals;

constexpr double kHighest = 0.9999;

ReconnectPolicy always(double r) {
  return ReconnectPolicy([r] { return r; });
}

TEST(ReconnectPolicyTest, DelaysDoubleFromAQuarterSecondToFiveSeconds) {
  ReconnectPolicy policy = always(0.5);
  for (const auto expected : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 5000ms, 5000ms}) {
    EXPECT_EQ(policy.failed(kNoDelay, 0), expected);
  }
  EXPECT_EQ(policy.failures(), 7u);
}

TEST(ReconnectPolicyTest, JitterSpansAQuarterToEachSideOfTheFirstDelayAndOfTheCap) {
  EXPECT_EQ(always(0).failed(kNoDelay, 0), 187ms);
  EXPECT_EQ(always(kHighest).failed(kNoDelay, 0), 312ms);
  ReconnectPolicy low = always(0);
  ReconnectPolicy high = always(kHighest);
  for (int i = 0; i < 100'000; ++i) {
    low.failed(kNoDelay, 0);
    high.failed(kNoDelay, 0);
  }
  EXPECT_EQ(low.failed(kNoDelay, 0), 3750ms);
  EXPECT_EQ(high.failed(kNoDelay, 0), 6249ms);
}

TEST(ReconnectPolicyTest, AServersLongerDelayIsALowerBoundSpreadUpwards) {
  EXPECT_EQ(always(0).failed({.ms = 8000}, 0), 8000ms);
  EXPECT_EQ(always(0.5).failed({.ms = 8000}, 0), 9000ms);
  EXPECT_EQ(always(0.5).failed({.ms = 8000, .place = true}, 0), 8500ms);
}

TEST(ReconnectPolicyTest, AServersShorterDelayChangesNothing) {
  EXPECT_EQ(always(0.5).failed({.ms = 250}, 0), 250ms);
  EXPECT_EQ(always(0.5).failed({.ms = 251}, 0), 282ms);
}

TEST(ReconnectPolicyTest, TheSpreadStandsInPlaceOfTheBackoffAndALongerDelayOverIt) {
  EXPECT_EQ(always(0.5).failed(kNoDelay, 20000), 10000ms);
  EXPECT_EQ(always(0).failed(kNoDelay, 20000), 0ms);
  EXPECT_EQ(always(0.5).failed({.ms = 12000}, 20000), 13500ms);
}

TEST(ReconnectPolicyTest, NoDelayIsLongerThanAnHour) {
  EXPECT_EQ(always(0).failed({.ms = 3'600'000}, 0), 1h);
  EXPECT_EQ(always(0.5).failed({.ms = 3'599'999}, 0), 1h);
  EXPECT_EQ(always(0.5).failed({.ms = std::numeric_limits<double>::infinity()}, 0), 1h);
  EXPECT_EQ(always(0.5).failed(kNoDelay, 1e300), 1h);
  EXPECT_EQ(always(0.5).failed({.ms = std::numeric_limits<double>::quiet_NaN()}, 0), 250ms);
}

TEST(ReconnectPolicyTest, TheFreeRetryComesOnceCountsAndOutlivesADisconnect) {
  ReconnectPolicy policy = always(0.5);
  EXPECT_TRUE(policy.failed_free());
  EXPECT_EQ(policy.failures(), 1u);
  EXPECT_FALSE(policy.failed_free());
  policy.restart();
  EXPECT_EQ(policy.failures(), 0u);
  EXPECT_FALSE(policy.failed_free());
  policy.stable();
  EXPECT_TRUE(policy.failed_free());
}

}  // namespace
}  // namespace usher::client
