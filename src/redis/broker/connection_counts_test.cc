#include "redis/broker/connection_counts.h"

#include <gtest/gtest.h>

#include "redis/broker/broker_fixture.h"
#include "redis/link/distinct.h"

namespace usher::redis {
namespace {

using Texts = std::vector<std::string>;

class ConnectionCountsTest : public testing::Test, public BrokerFixture {
 protected:
  ConnectionCountsTest() {
    limits.connections_per_session_max = 2;
    limits.connections_per_user_max = 3;
  }
  std::pair<std::uint64_t, std::uint64_t> distinct_here() const {
    NodeAnswer answer;
    counts.describe(answer);
    return {distinct(answer.sessions), distinct(answer.users)};
  }

  const hub::ClientId client{0x1234};
  ConnectionCounts counts{node, 1, commands};
};

TEST_F(ConnectionCountsTest, RedisIsToldOfAConnectionAndTheLimits) {
  counts.connected(client, "s1", "ada");
  const auto call = commands.take();
  EXPECT_EQ(call.script, &scripts.connect);
  EXPECT_EQ(call.keys, (Texts{names.nodes(), names.connections_of_session("s1"),
                              names.connections_of_user("ada")}));
  EXPECT_EQ(call.words,
            (Texts{"n1", client.text(), "1", "30000", "86400000", names.to_node(), "2", "3"}));
}

TEST_F(ConnectionCountsTest, RedisForgetsAConnectionThatHasEnded) {
  counts.connected(client, "s1", "ada");
  commands.calls.clear();
  counts.disconnected(client, "s1", "ada");
  const std::string entry = "n1:" + client.text() + ":1";
  EXPECT_EQ(commands.take().words, (Texts{"ZREM", names.connections_of_session("s1"), entry}));
  EXPECT_EQ(commands.take().words, (Texts{"ZREM", names.connections_of_user("ada"), entry}));
}

TEST_F(ConnectionCountsTest, AGuestCountsForItsSessionAlone) {
  counts.connected(client, "s1", "");
  EXPECT_EQ(commands.take().keys, (Texts{names.nodes(), names.connections_of_session("s1")}));
  EXPECT_EQ(distinct_here(), std::pair(1ul, 0ul));
}

TEST_F(ConnectionCountsTest, WithoutLimitsRedisIsNotAsked) {
  limits.connections_per_session_max = 0;
  limits.connections_per_user_max = 0;
  counts.connected(client, "s1", "ada");
  counts.disconnected(client, "s1", "ada");
  EXPECT_TRUE(commands.calls.empty());
}

TEST_F(ConnectionCountsTest, ASessionIsCountedUntilItsLastConnectionEnds) {
  counts.connected(hub::ClientId{1}, "s1", "ada");
  counts.connected(hub::ClientId{2}, "s1", "ada");
  counts.connected(hub::ClientId{3}, "s2", "ada");
  EXPECT_EQ(distinct_here(), std::pair(2ul, 1ul));
  counts.disconnected(hub::ClientId{1}, "s1", "ada");
  EXPECT_EQ(distinct_here(), std::pair(2ul, 1ul));
  counts.disconnected(hub::ClientId{2}, "s1", "ada");
  EXPECT_EQ(distinct_here(), std::pair(1ul, 1ul));
  counts.disconnected(hub::ClientId{3}, "s2", "ada");
  EXPECT_EQ(distinct_here(), std::pair(0ul, 0ul));
}

}  // namespace
}  // namespace usher::redis
