#include "metrics/hub_metrics.h"

#include <gtest/gtest.h>

#include "support/fake_broker.h"
#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"
#include "support/seeded_entropy.h"
#include "wire/shared_frame.h"

namespace usher::metrics {
namespace {

class Guest final : public hub::Subscriber {
 public:
  hub::Identity identity() const override {
    return {.session = "s1",
            .user = {},
            .jti = {},
            .conn_info = {},
            .channel_patterns = channel_patterns};
  }
  void deliver(const wire::SharedFrame&) override {}
  std::size_t room_bytes() const override { return 1 << 20; }
  void close(const wire::CloseReason&) override {}
  void refresh(bool, std::optional<std::int64_t>) override {}

  std::vector<std::string> channel_patterns{"news"};
};

class HubMetricsTest : public testing::Test {
 protected:
  test::ManualClock clock;
  test::ManualWallClock wall_clock;
  test::SeededEntropy entropy;
  gateway::FakeBroker broker;
  const hub::ChannelRules rules{hub::ChannelRulesOptions{}};
  hub::Hub hub{{}, rules, broker, clock, wall_clock, entropy};
  ShardMetrics metrics;
  Guest guest;
};

TEST_F(HubMetricsTest, WhatTheHubCountsIsTakenOver) {
  hub.join(guest, {}, [](hub::Joined) {});
  hub.on_delivery("news", {.offset = 0, .frame = wire::make_text_frame("{}")});

  sample(hub, metrics);
  EXPECT_EQ(metrics.subscriptions.value(), 1);
  EXPECT_EQ(metrics.channels.value(), 1);
  EXPECT_EQ(metrics.deliveries.value(), 1u);

  hub.leave(guest);
  sample(hub, metrics);
  EXPECT_EQ(metrics.subscriptions.value(), 0);
  EXPECT_EQ(metrics.deliveries.value(), 1u);
}

TEST_F(HubMetricsTest, ASubscriptionThatWasToldOfAGapIsNotCountedAsRecovered) {
  hub.join(guest, {{.channel = "news", .recover_since = hub::Position{.offset = 1, .epoch = "e"}}},
           [](hub::Joined) {});
  sample(hub, metrics);
  EXPECT_EQ(metrics.recovered.value(), 0u);
  EXPECT_EQ(metrics.not_recovered.value(), 1u);
  hub.leave(guest);
}

}  // namespace
}  // namespace usher::metrics
