#include "http/refusal_rate.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/seeded_entropy.h"

namespace usher::http {
namespace {

using namespace std::chrono_literals;

class RefusalRateTest : public testing::Test {
 protected:
  bool is_said(Problem problem, std::string_view address) {
    return !charge_refusal(&limiter, problem, address, clock.now());
  }

  test::ManualClock clock;
  test::SeededEntropy entropy;
  limits::RateLimiter limiter{limits::RateLimit{2, 1min}, {}, entropy};
};

TEST_F(RefusalRateTest, AnAddressHasSoManyRefusalsAndThenMustWait) {
  EXPECT_TRUE(is_said(Problem::not_found, "192.0.2.1"));
  EXPECT_TRUE(is_said(Problem::rate_limited, "192.0.2.1"));
  EXPECT_EQ(charge_refusal(&limiter, Problem::bad_request, "192.0.2.1", clock.now()), 30s);
  EXPECT_TRUE(is_said(Problem::not_found, "192.0.2.2"));
}

TEST_F(RefusalRateTest, APeerThatAsksForOthersIsNotCharged) {
  const wire::HttpRequest request;
  const auto charged = [&](edge::ListenerRole role, bool is_shared) {
    return charged_address({.request = request,
                            .peer_address = "192.0.2.1",
                            .address_is_shared = is_shared,
                            .listener = role});
  };
  EXPECT_EQ(charged(edge::ListenerRole::client, false), "192.0.2.1");
  EXPECT_EQ(charged(edge::ListenerRole::api, false), "192.0.2.1");
  EXPECT_EQ(charged(edge::ListenerRole::client, true), "");
  EXPECT_EQ(charged(edge::ListenerRole::admin, false), "");
  EXPECT_EQ(charged(edge::ListenerRole::verify, false), "");
}

TEST_F(RefusalRateTest, ANetworkOfIpv6IsOneAddress) {
  EXPECT_TRUE(is_said(Problem::not_found, "2001:db8::1"));
  EXPECT_TRUE(is_said(Problem::not_found, "2001:db8::2"));
  EXPECT_FALSE(is_said(Problem::not_found, "2001:db8::3"));
}

TEST_F(RefusalRateTest, WhatIsOurFaultIsFree) {
  for (int i = 0; i < 5; ++i) {
    for (const Problem problem : {Problem::overloaded, Problem::draining,
                                  Problem::store_unavailable, Problem::internal_error}) {
      EXPECT_TRUE(is_said(problem, "192.0.2.1"));
    }
  }
  EXPECT_TRUE(is_said(Problem::version_not_supported, "192.0.2.1"));
  EXPECT_TRUE(is_said(Problem::version_not_supported, "192.0.2.1"));
  EXPECT_FALSE(is_said(Problem::version_not_supported, "192.0.2.1"));
}

TEST_F(RefusalRateTest, WithoutALimitOrAnAddressNothingIsCharged) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(is_said(Problem::not_found, ""));
    EXPECT_FALSE(charge_refusal(nullptr, Problem::not_found, "192.0.2.1", clock.now()));
  }
}

}  // namespace
}  // namespace usher::http
