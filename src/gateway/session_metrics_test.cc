#include "gateway/session_metrics.h"

#include <gtest/gtest.h>

namespace usher::gateway {
namespace {

class SessionMetricsTest : public testing::Test {
 protected:
  metrics::ShardMetrics metrics;
  SessionMetrics observer{metrics};
};

TEST_F(SessionMetricsTest, ConnectionsComeAndGo) {
  observer.on_connected();
  observer.on_connected();
  observer.on_closed(1001, /*was_connected=*/true);
  EXPECT_EQ(metrics.connections.value(), 1);
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::connected].value(), 2u);
  EXPECT_EQ(metrics.closes[metrics::close_code_index(1001)].value(), 1u);
}

TEST_F(SessionMetricsTest, RejectedOnesNeverCountAsConnected) {
  observer.on_rejected(session::Rejection::ticket_replayed);
  observer.on_closed(1008, /*was_connected=*/false);
  observer.on_abandoned();
  EXPECT_EQ(metrics.connections.value(), 0);
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::ticket_replayed].value(), 1u);
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::abandoned].value(), 1u);
  EXPECT_EQ(metrics.closes[metrics::close_code_index(1008)].value(), 1u);
}

TEST_F(SessionMetricsTest, MismatchedOriginCountsAsBlocked) {
  observer.on_rejected(session::Rejection::origin_blocked);
  observer.on_rejected(session::Rejection::origin_mismatch);
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::origin_blocked].value(), 2u);
}

TEST_F(SessionMetricsTest, MessagesOfClientsAndTheirRefusedCommandsAreCounted) {
  observer.on_message();
  observer.on_message();
  observer.on_command_refused();
  EXPECT_EQ(metrics.messages_received.value(), 2u);
  EXPECT_EQ(metrics.commands_refused.value(), 1u);
}

TEST_F(SessionMetricsTest, EveryOutcomeOfARedemptionHasItsSeries) {
  using ticket::RedeemOutcome;
  for (const auto& [outcome, result] :
       {std::pair{RedeemOutcome::ok, metrics::RedeemResult::ok},
        {RedeemOutcome::expired, metrics::RedeemResult::expired},
        {RedeemOutcome::consumed, metrics::RedeemResult::consumed},
        {RedeemOutcome::unknown, metrics::RedeemResult::unknown},
        {RedeemOutcome::unavailable, metrics::RedeemResult::unavailable}}) {
    observer.on_redeemed(outcome);
    EXPECT_EQ(metrics.ticket_redeems[result].value(), 1u);
  }
  observer.on_replay();
  EXPECT_EQ(metrics.ticket_replays.value(), 1u);
}

TEST(SessionMetricsPublicationsTest, WhatClientsPublishIsCountedApartFromBackends) {
  metrics::ShardMetrics metrics;
  SessionMetrics observer(metrics);
  observer.on_published();
  EXPECT_EQ(metrics.publications[metrics::PublishedBy::client].value(), 1u);
  EXPECT_EQ(metrics.publications[metrics::PublishedBy::backend].value(), 0u);
}

}  // namespace
}  // namespace usher::gateway
