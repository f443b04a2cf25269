// Behaviour of the memory engine alone; tests/contract/broker_contract.h is for every engine.
#include "hub/memory_broker.h"

#include <set>

#include <gtest/gtest.h>

#include "support/hub_cluster.h"
#include "support/print_result.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;

ChannelRulesOptions rules() {
  return {
      .namespaces = {
          {.name = "kept",
           .subscribe = Audience::anyone,
           .history_size = 5,
           .history_ttl = 1min,
           .recovery = true},
          {.name = "loose", .subscribe = Audience::anyone, .history_size = 5, .history_ttl = 1min},
          {.name = "open", .subscribe = Audience::anyone}}};
}

class MemoryBrokerTest : public testing::TestWithParam<std::size_t> {
 protected:
  Result<Position, Error> publish_once(HubCluster& cluster, const std::string& key) {
    PublishRequest request{.channel = "open:1", .data = "1"};
    request.idempotency_key = key;
    std::optional<Result<Position, Error>> answer;
    cluster.broker().publish(std::move(request), [&](auto told) { answer = std::move(told); });
    cluster.mail.run_all();
    return answer.value();
  }
  Position position(HubCluster& cluster, const std::string& channel) {
    std::optional<Position> found;
    cluster.broker().history(channel, {.limit = 0}, [&](auto page) { found = page->position; });
    cluster.mail.run_all();
    return found.value();
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, MemoryBrokerTest, testing::Values(1, 3));

TEST_P(MemoryBrokerTest, AChannelWithASubscriberAnywhereKeepsItsEpoch) {
  HubCluster cluster(rules(), GetParam(), 1, {}, {.position_ttl = 60s});
  TestSubscriber one("s1");
  cluster.join(one, GetParam() - 1, {{"kept:1"}});
  const Position before = *cluster.publish("kept:1", "1");
  for (int i = 0; i < 10; ++i) {
    cluster.clock.advance(1min);
    cluster.tick();
  }
  EXPECT_EQ(position(cluster, "kept:1"), before);
  one.leave();
  cluster.mail.run_all();
  cluster.clock.advance(60s - 1ns);
  cluster.tick();
  EXPECT_EQ(position(cluster, "kept:1"), before)
      << "a client that comes back soon has missed nothing";
  cluster.clock.advance(60s);
  cluster.tick();
  EXPECT_NE(position(cluster, "kept:1").epoch, before.epoch);
}

TEST_P(MemoryBrokerTest, WhereThereAreTooManyChannelsSubscribersAndPublishersAreTold) {
  HubCluster cluster(rules(), GetParam(), 1, {}, {.channels_max = 1});
  TestSubscriber one("s1");
  cluster.join(one);
  // Channels in use, until some home is full.
  std::size_t in_use = 0;
  std::string refused;
  for (int i = 0; refused.empty(); ++i) {
    const std::string channel = "loose:" + std::to_string(i);
    const auto outcome = cluster.subscribe(one, channel);
    if (outcome) {
      ++in_use;
    } else {
      EXPECT_EQ(outcome.error(), Error::limit_exceeded);
      refused = channel;
    }
    ASSERT_LE(in_use, GetParam());
  }
  EXPECT_EQ(cluster.publish(refused, "1").error(), Error::limit_exceeded);
  EXPECT_EQ(cluster.hubs[0]->subscriptions(), in_use);
  EXPECT_TRUE(cluster.publish("open:1", "1")) << "live messages need no room";
}

TEST_P(MemoryBrokerTest, NewIdempotencyKeysAreRefusedWhenThereAreTooManyAndOldOnesHold) {
  HubCluster cluster(rules(), GetParam(), 1, {}, {.idempotency_keys_max = 2});
  EXPECT_TRUE(publish_once(cluster, "a"));
  EXPECT_TRUE(publish_once(cluster, "b"));
  EXPECT_EQ(publish_once(cluster, "c").error(), Error::limit_exceeded);
  EXPECT_TRUE(publish_once(cluster, "a"));
  cluster.clock.advance(5min);
  EXPECT_TRUE(publish_once(cluster, "c"));
}

TEST_P(MemoryBrokerTest, OnlyShardsThatListenGetWhatHasHistory) {
  if (GetParam() == 1) return;
  HubCluster cluster(rules(), GetParam());
  TestSubscriber one("s1");
  cluster.join(one, 1, {{"kept:1"}});
  ASSERT_TRUE(cluster.publish("kept:1", "1"));
  cluster.broker(1).publish({.channel = "kept:1", .data = "2"}, [](auto) {});
  std::size_t posts = 0;
  while (cluster.mail.run_one()) ++posts;
  EXPECT_LE(posts, 3u);  // there and back, and one delivery
  EXPECT_EQ(one.take().size(), 2u);
}

TEST_P(MemoryBrokerTest, HomesAreSpreadOverTheShards) {
  HubCluster cluster(rules(), GetParam());
  std::set<std::size_t> homes;
  for (int i = 0; i < 50; ++i) {
    const std::string channel = "kept:" + std::to_string(i);
    for (std::size_t shard = 0; shard < GetParam(); ++shard) {
      bool at_home = false;
      cluster.broker(shard).history(channel, {}, [&](auto) { at_home = true; });
      if (at_home) homes.insert(shard);
      cluster.mail.run_all();
    }
  }
  EXPECT_EQ(homes.size(), GetParam());
}

}  // namespace
}  // namespace usher::hub
