#include "node/node_options.h"

#include <gtest/gtest.h>

#include "auth/jwt_verifier.h"
#include "base/bytes.h"

namespace usher::node {
namespace {

using namespace std::chrono_literals;

TEST(NodeOptionsTest, AShardForEachThreadThatIsAskedForAndAtLeastOne) {
  config::Config config;
  EXPECT_GE(shard_count(config), 1u);
  config.server.threads = 3;
  EXPECT_EQ(shard_count(config), 3u);
}

TEST(NodeOptionsTest, ThePageOfDevShowsAnUpstreamWithoutTheQueryOfItsUrl) {
  config::Config config;
  EXPECT_TRUE(shown_upstreams(config).empty());
  const std::pair<const char*, const char*> urls[] = {
      {"http://127.0.0.1:3000/socket?key=secret", "http://127.0.0.1:3000/socket"},
      {"https://app.example/live", "https://app.example/live"},
      {"http://[::1]:3000?key=secret", "http://[::1]:3000/"},
      {"unix:/run/app.sock:/socket?key=secret", "unix:/run/app.sock:/socket"}};
  for (const auto& [url, shown] : urls) {
    config.upstreams.assign(1, {});
    config.upstreams[0].name = "board";
    config.upstreams[0].path = "/board/*";
    config.upstreams[0].url = url;
    const auto upstreams = shown_upstreams(config);
    ASSERT_EQ(upstreams.size(), 1u);
    EXPECT_EQ(upstreams[0].name, "board");
    EXPECT_EQ(upstreams[0].path, "/board/*");
    EXPECT_EQ(upstreams[0].url, shown);
  }
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

config::Config with_upstreams() {
  config::Config config;
  config.upstreams = {{.name = "board",
                       .path = "/board/*",
                       .url = "https://backend.example:8443/socket?v=2",
                       .who = doors::Who::users,
                       .claims = {"org"},
                       .identity_secret_file = "/secret",
                       .connect_timeout = 3s,
                       .idle_timeout = 10min,
                       .buffer_bytes = 32 * 1024,
                       .end_with_token = true},
                      {.name = "chat",
                       .path = "/chat",
                       .url = "unix:/run/app.sock:/chat",
                       .claims = {"plan", "org"}},
                      {.name = "last", .path = "/last", .url = "http://127.0.0.1:3000"}};
  return config;
}

TEST(NodeOptionsTest, ATicketCarriesTheClaimsOfAllUpstreams) {
  config::Config config = with_upstreams();
  EXPECT_EQ(ticket_claims(config), (std::vector<std::string>{"org", "plan"}));
  config.ticket.claims = {"plan", "role"};
  EXPECT_EQ(ticket_claims(config), (std::vector<std::string>{"plan", "role", "org"}));
}

TEST(NodeOptionsTest, EachUpstreamIsDialledWhereItsUrlSays) {
  const auto targets = upstream_targets(with_upstreams());
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0].host, "backend.example");
  EXPECT_EQ(targets[0].port, "8443");
  EXPECT_EQ(targets[0].unix_path, "");
  EXPECT_TRUE(targets[0].tls);
  EXPECT_EQ(targets[0].connect_timeout, Duration(3s));
  EXPECT_EQ(targets[0].idle_timeout, Duration(10min));
  EXPECT_EQ(targets[0].buffer_bytes, 32u * 1024);
  EXPECT_EQ(targets[1].host, "");
  EXPECT_EQ(targets[1].unix_path, "/run/app.sock");
  EXPECT_FALSE(targets[1].tls);
  EXPECT_EQ(targets[1].connect_timeout, Duration(5s));
  EXPECT_EQ(targets[1].idle_timeout, Duration(0s));
  EXPECT_EQ(targets[1].buffer_bytes, 64u * 1024);
  EXPECT_EQ(targets[2].host, "127.0.0.1");
  EXPECT_EQ(targets[2].port, "3000");
  EXPECT_FALSE(targets[2].tls);
}

TEST(NodeOptionsTest, EachUpstreamIsToldWhatItsEntrySays) {
  constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
  const auto table = upstream_table(with_upstreams(), {auth::secret_key(kSecret), {}, {}});
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table[0].name, "board");
  EXPECT_EQ(table[0].path, "/board/*");
  EXPECT_EQ(table[0].target, "/socket?v=2");
  EXPECT_EQ(table[0].authority, "backend.example:8443");
  EXPECT_EQ(table[0].who, doors::Who::users);
  EXPECT_TRUE(table[0].end_with_token);
  EXPECT_EQ(table[1].target, "/chat");
  EXPECT_EQ(table[1].authority, "localhost");
  EXPECT_EQ(table[1].who, doors::Who::anyone);
  EXPECT_FALSE(table[1].end_with_token);
  EXPECT_EQ(table[2].target, "/");
  EXPECT_EQ(table.find("/last"), 2u);

  // Each gets its own claims, and its own secret signs for it alone.
  const doors::DoorIdentity ada{"s1", "ada", "00ff", R"({"org":7,"plan":"pro"})"};
  const std::string expected_claims[] = {R"({"org":7})", R"({"org":7,"plan":"pro"})", ""};
  for (std::size_t i = 0; i < 3; ++i) {
    std::string claims, token;
    for (const auto& [name, value] : table[i].identity.fields(ada, {})) {
      if (name == "X-Usher-Claims") claims = from_base64url(value).value_or("");
      if (name == "X-Usher-Identity") token = value;
    }
    EXPECT_EQ(claims, expected_claims[i]) << i;
    EXPECT_EQ(token.empty(), i != 0);
    if (i == 0) {
      EXPECT_NE(auth::payload_of(token).find(R"("aud":"board")"), std::string::npos);
    }
  }
}

TEST(NodeOptionsTest, RoutesAndSessionsTellTheSameNodeAndVersion) {
  const config::Config config;
  EXPECT_EQ(router_options(config, "n1").node_uid, "n1");
  EXPECT_EQ(session_options(config, "n1").node, "n1");
  EXPECT_EQ(session_options(config, "n1").version, "usher " + router_options(config, "n1").version);
}

}  // namespace
}  // namespace usher::node
