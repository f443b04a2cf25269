#include "session/command_allowance.h"

#include <chrono>

#include <gtest/gtest.h>

namespace usher::session {
namespace {

class CommandAllowanceTest : public testing::Test {
 protected:
  bool take(Price price, bool awaits_answer = false) {
    return allowance.take(price, awaits_answer, limit, bucket, now);
  }
  limits::RateLimit limit{.count = 1, .per = std::chrono::seconds(1)};
  limits::TokenBucket bucket;
  TimePoint now{std::chrono::hours(1)};
  CommandAllowance allowance;
};

TEST_F(CommandAllowanceTest, ATurnHasItsShare) {
  for (int i = 0; i < CommandAllowance::kPerTurn; ++i) {
    EXPECT_FALSE(allowance.is_used_up());
    allowance.use();
  }
  EXPECT_TRUE(allowance.is_used_up());
  allowance.renew();
  EXPECT_FALSE(allowance.is_used_up());
}

TEST_F(CommandAllowanceTest, AnAnswerIsFreeWhileAPingIsOut) {
  EXPECT_TRUE(take(Price::answer));
  EXPECT_FALSE(take(Price::answer)) << "no ping is out";
  EXPECT_TRUE(take(Price::answer, true));
  EXPECT_FALSE(take(Price::rate, true));
}

TEST_F(CommandAllowanceTest, SubscriptionsAreFreeUntilTheirNumberIsReached) {
  allowance.set_free_subscriptions(2);
  EXPECT_TRUE(take(Price::subscribe));
  EXPECT_TRUE(take(Price::subscribe));
  EXPECT_TRUE(take(Price::subscribe)) << "the rate's";
  EXPECT_FALSE(take(Price::subscribe));
}

TEST_F(CommandAllowanceTest, ThereMayBeNoLimit) {
  limit = limits::kNoLimit;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(take(Price::rate));
}

}  // namespace
}  // namespace usher::session
