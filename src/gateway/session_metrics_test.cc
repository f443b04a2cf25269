#include "gateway/session_metrics.h"

#include <gtest/gtest.h>

namespace usher::gateway {
namespace {

class SessionMetricsTest : public testing::Test {
 protected:
  ShardMetrics metrics;
  SessionMetrics observer{metrics};
};

TEST_F(SessionMetricsTest, ConnectionsComeAndGo) {
  observer.on_connected();
  observer.on_connected();
  observer.on_closed(1001, /*was_connected=*/true);
  EXPECT_EQ(metrics.connections.value(), 1);
  EXPECT_EQ(metrics.upgrades[UpgradeResult::connected].value(), 2u);
  EXPECT_EQ(metrics.closes[close_code_index(1001)].value(), 1u);
}

TEST_F(SessionMetricsTest, RejectedOnesNeverCountAsConnected) {
  observer.on_rejected(session::Rejection::ticket_replayed);
  observer.on_closed(1008, /*was_connected=*/false);
  observer.on_abandoned();
  EXPECT_EQ(metrics.connections.value(), 0);
  EXPECT_EQ(metrics.upgrades[UpgradeResult::ticket_replayed].value(), 1u);
  EXPECT_EQ(metrics.upgrades[UpgradeResult::abandoned].value(), 1u);
  EXPECT_EQ(metrics.closes[close_code_index(1008)].value(), 1u);
}

TEST_F(SessionMetricsTest, MismatchedOriginCountsAsBlocked) {
  observer.on_rejected(session::Rejection::origin_blocked);
  observer.on_rejected(session::Rejection::origin_mismatch);
  EXPECT_EQ(metrics.upgrades[UpgradeResult::origin_blocked].value(), 2u);
}

TEST_F(SessionMetricsTest, EveryOutcomeOfARedemptionHasItsSeries) {
  using ticket::RedeemOutcome;
  for (const auto& [outcome, result] : {std::pair{RedeemOutcome::ok, RedeemResult::ok},
                                        {RedeemOutcome::expired, RedeemResult::expired},
                                        {RedeemOutcome::consumed, RedeemResult::consumed},
                                        {RedeemOutcome::unknown, RedeemResult::unknown},
                                        {RedeemOutcome::unavailable, RedeemResult::unavailable}}) {
    observer.on_redeemed(outcome);
    EXPECT_EQ(metrics.ticket_redeems[result].value(), 1u);
  }
  observer.on_replay();
  EXPECT_EQ(metrics.ticket_replays.value(), 1u);
}

TEST(SessionMetricsPublicationsTest, WhatClientsPublishIsCountedApartFromBackends) {
  ShardMetrics metrics;
  SessionMetrics observer(metrics);
  observer.on_published();
  EXPECT_EQ(metrics.publications[PublishedBy::client].value(), 1u);
  EXPECT_EQ(metrics.publications[PublishedBy::backend].value(), 0u);
}

}  // namespace
}  // namespace usher::gateway
