#include "node/node_options.h"

#include <gtest/gtest.h>

namespace usher::node {
namespace {

using namespace std::chrono_literals;

TEST(NodeOptionsTest, AShardForEachThreadThatIsAskedForAndAtLeastOne) {
  config::Config config;
  EXPECT_GE(shard_count(config), 1u);
  config.server.threads = 3;
  EXPECT_EQ(shard_count(config), 3u);
}

TEST(NodeOptionsTest, OnlyForTryingThingsOutIsAChannelOpenThatNobodyConfigured) {
  config::Config config;
  EXPECT_FALSE(channel_rules_options(config).unconfigured) << "a typing error is no channel";
  config.channel.unconfigured = config::Unconfigured::granted;
  EXPECT_EQ(channel_rules_options(config).unconfigured->subscribe, hub::Audience::granted);
  config.dev = true;
  const auto open = channel_rules_options(config).unconfigured;
  ASSERT_TRUE(open);
  EXPECT_EQ(open->subscribe, hub::Audience::anyone);
  EXPECT_TRUE(open->recovery);
}

TEST(NodeOptionsTest, WhatARecoverySendsFitsHalfAnOutbox) {
  config::Config config;
  const std::size_t usual = hub_options(config).recovery_bytes_max;
  config.limits.outbox_bytes = 2 * usual;
  EXPECT_EQ(hub_options(config).recovery_bytes_max, usual);
  config.limits.outbox_bytes = 2 * usual - 2;
  EXPECT_EQ(hub_options(config).recovery_bytes_max, usual - 1);
}

TEST(NodeOptionsTest, ARevocationWithoutATtlOutlastsTheLongestToken) {
  config::Config config;
  config.guest.token_ttl = 1h;
  config.guest.renewal_window = 1h;
  EXPECT_EQ(router_options(config, "n1").revocation_ttl, 744h);
  config.guest.renewal_window = 800h;
  config.jwt.leeway = 500ms;
  EXPECT_EQ(router_options(config, "n1").revocation_ttl, 801h + 1s);
}

TEST(NodeOptionsTest, ATicketCarriesEachClaimOnce) {
  config::Config config;
  config.ticket.claims = {"plan", "org", "plan"};
  config.ticket.claims_bytes = 100;
  const std::vector<std::string> expected{"plan", "org"};
  EXPECT_EQ(ticket_claims(config), expected);
  EXPECT_EQ(router_options(config, "n1").ticket_claims, expected);
  EXPECT_EQ(router_options(config, "n1").claims_bytes_max, 100u);
}

TEST(NodeOptionsTest, RoutesAndSessionsTellTheSameNodeAndVersion) {
  const config::Config config;
  EXPECT_EQ(router_options(config, "n1").node_uid, "n1");
  EXPECT_EQ(session_options(config, "n1").node, "n1");
  EXPECT_EQ(session_options(config, "n1").version, "usher " + router_options(config, "n1").version);
}

}  // namespace
}  // namespace usher::node
