#include "redis/broker/node_shards.h"

#include <gtest/gtest.h>

#include "redis/broker/broker_fixture.h"

namespace usher::redis {
namespace {

TEST(NodeShards, TheFirstShardsWorkRunsAtOnceAndAnothersLaterInOrder) {
  BrokerFixture fixture;
  OrderDesk desk({.node = "n1"}, {fixture.names, fixture.scripts, fixture.commands, {}, {}, {}});
  ConnectionCounts counts(fixture.node, 0, fixture.commands);
  RedisOrders first(fixture.node, 0, fixture.commands, desk, counts);
  RedisOrders second(fixture.node, 1, fixture.commands, desk, counts);
  NodeShards shards(fixture.mail, 2);
  shards.set(0, first);
  shards.set(1, second);
  EXPECT_EQ(shards.count(), 2u);

  std::vector<std::string> log;
  shards.at(1, [&](RedisOrders& there) { log.push_back(&there == &second ? "1a" : "wrong"); });
  shards.at(1, [&](RedisOrders& there) { log.push_back(&there == &second ? "1b" : "wrong"); });
  shards.at(0, [&](RedisOrders& there) { log.push_back(&there == &first ? "0" : "wrong"); });
  EXPECT_EQ(log, (std::vector<std::string>{"0"}));
  fixture.mail.run_all();
  EXPECT_EQ(log, (std::vector<std::string>{"0", "1a", "1b"}));
}

}  // namespace
}  // namespace usher::redis
