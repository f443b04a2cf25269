// Several nodes on one Redis: they share everything; and what remains of a node that dies.
#include <gtest/gtest.h>

#include <algorithm>

#include "stepped_cluster.h"

namespace usher::test {
namespace {

using namespace std::chrono_literals;
using hub::ClientId;
using hub::ClientInfo;
using hub::Error;
using Offsets = std::vector<std::uint64_t>;

ClientInfo somebody(const std::string& client) {
  return {.client = client, .user = "", .conn_info = "", .chan_info = ""};
}

Result<void, Error> enter(SteppedCluster& cluster, std::size_t node, const std::string& channel,
                          const std::string& client) {
  return cluster.ask<void>([&](auto done) {
    cluster.node(node).broker().add_presence(channel, somebody(client), std::move(done));
  });
}

std::vector<std::string> present(SteppedCluster& cluster, std::size_t node,
                                 const std::string& channel) {
  const auto infos = cluster.ask<std::vector<ClientInfo>>(
      [&](auto done) { cluster.node(node).broker().presence(channel, std::move(done)); });
  std::vector<std::string> clients;
  for (const ClientInfo& info : *infos) clients.push_back(info.client);
  std::sort(clients.begin(), clients.end());
  return clients;
}

using BrokerNodes = OnRedis;

TEST_F(BrokerNodes, ANodeSubscribesOnlyWhileOneOfItsShardsListens) {
  SteppedCluster cluster;
  auto& talk = SteppedCluster::redis().talk();
  const auto listeners = [&] {
    cluster.settle();
    return talk.ask({"PUBSUB", "NUMSUB", "usher:messages:{live:1}"}).items[1].integer;
  };
  EXPECT_EQ(listeners(), 0);
  ASSERT_TRUE(cluster.subscribe(0, "live:1", 0));
  ASSERT_TRUE(cluster.subscribe(0, "live:1", 1));
  EXPECT_EQ(listeners(), 1);
  cluster.node(0).broker(0).unsubscribe("live:1");
  EXPECT_EQ(listeners(), 1);
  cluster.node(0).broker(1).unsubscribe("live:1");
  EXPECT_EQ(listeners(), 0);
}

TEST_F(BrokerNodes, AShardThatUnsubscribesAndSubscribesAtOnceMissesNothing) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SteppedCluster cluster(seed);
    std::mt19937_64 random(seed);
    int answered = 0;
    for (int i = 0; i < 6; ++i) {
      cluster.node(0).broker().subscribe("kept:1", [&](auto told) { answered += told ? 1 : 0; });
      for (auto n = random() % 6; n > 0; --n) cluster.run_one();
      if (i < 5) cluster.node(0).broker().unsubscribe("kept:1");
      for (auto n = random() % 6; n > 0; --n) cluster.run_one();
    }
    cluster.settle();
    EXPECT_EQ(answered, 6) << "seed " << seed;
    ASSERT_TRUE(cluster.publish(1, "kept:1"));
    EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{1}) << "seed " << seed;
  }
}

TEST_F(BrokerNodes, PublishingIsOneCommandAndOneRoundTrip) {
  SteppedCluster cluster;
  for (const std::string channel : {"kept:1", "live:1"}) {
    const std::size_t before = cluster.node(0).links[1]->commands;
    ASSERT_TRUE(cluster.publish(0, channel));
    EXPECT_EQ(cluster.node(0).links[1]->commands, before + 1);
  }
}

TEST_F(BrokerNodes, PresenceStaysWhileItsNodeLivesAndIsGoneWithinAMinuteOfItsDeath) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(1, "room:1"));
  ASSERT_TRUE(enter(cluster, 0, "room:1", "a"));
  ASSERT_TRUE(enter(cluster, 1, "room:1", "b"));
  for (int i = 0; i < 20; ++i) cluster.advance(10s);
  EXPECT_EQ(present(cluster, 1, "room:1"), (std::vector<std::string>{"a", "b"}));
  cluster.kill_node(0);
  for (int i = 0; i < 4; ++i) cluster.advance(10s);
  cluster.node(0).sink().deliveries.clear();
  for (int i = 0; i < 2; ++i) cluster.advance(10s);
  EXPECT_EQ(present(cluster, 0, "room:1"), std::vector<std::string>{"b"});
  EXPECT_EQ(cluster.take_offsets(0, "room:1").size(), 1u) << "its leaving is told";
}

TEST_F(BrokerNodes, PresenceThatRedisForgotIsBackAfterARound) {
  SteppedCluster cluster;
  ASSERT_TRUE(enter(cluster, 0, "room:1", "a"));
  SteppedCluster::redis().forget_all();
  EXPECT_EQ(present(cluster, 1, "room:1").size(), 0u);
  cluster.advance(20s);
  EXPECT_EQ(present(cluster, 1, "room:1"), std::vector<std::string>{"a"});
}

TEST_F(BrokerNodes, AChannelHoldsSoManyClientsAndNoMore) {
  SteppedCluster cluster;
  for (const std::string client : {"a", "b", "c"}) {
    EXPECT_TRUE(enter(cluster, 0, "room:1", client));
  }
  EXPECT_EQ(enter(cluster, 1, "room:1", "d").error(), Error::limit_exceeded);
  EXPECT_TRUE(enter(cluster, 1, "room:1", "a")) << "it was there";
  EXPECT_EQ(present(cluster, 0, "room:1").size(), 3u);
}

TEST_F(BrokerNodes, TheOldestConnectionOfASessionIsNamedToItsNode) {
  SteppedCluster cluster;
  static_assert(kContractSessionMax == 2);
  const auto connect = [&](std::size_t node, std::uint64_t client) {
    cluster.node(node).broker().connected({client}, "s1", "");
    cluster.settle();
  };
  connect(0, 1);
  connect(1, 2);
  connect(1, 3);
  EXPECT_EQ(cluster.node(0).sink().over_limit, std::vector<ClientId>{{1}});
  EXPECT_TRUE(cluster.node(1).sink().over_limit.empty());
}

TEST_F(BrokerNodes, ConnectionsOfADeadNodeMakeRoomFirst) {
  SteppedCluster cluster;
  const auto connect = [&](std::size_t node, std::uint64_t client) {
    cluster.node(node).broker().connected({client}, "s1", "");
    cluster.settle();
  };
  connect(1, 1);
  connect(0, 2);
  cluster.kill_node(0);
  for (int i = 0; i < 4; ++i) cluster.advance(10s);
  connect(0, 3);
  EXPECT_TRUE(cluster.node(0).sink().over_limit.empty()) << "the dead one's went";
  connect(0, 4);
  EXPECT_EQ(cluster.node(0).sink().over_limit, std::vector<ClientId>{{1}});
}

TEST_F(BrokerNodes, AnOrderIsCarriedOutOnceOnEveryShardOfEveryNode) {
  SteppedCluster cluster(1, 3);
  for (std::size_t node = 0; node < 3; ++node) {
    for (std::size_t shard = 0; shard < 2; ++shard) {
      auto& answer = cluster.node(node).sink(shard).answer;
      answer.connections = 1;
      answer.channels = {{"a", 1}};
      answer.channel_hashes = {7, 100 + node};
    }
    cluster.node(node).broker().connected({node + 1}, "s1", "");
  }
  cluster.settle();
  const auto answer = cluster.order(1, hub::DisconnectOrder{.target = {.session = "s1"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->connections, 6u);
  EXPECT_EQ(answer->channels.at("a"), 6u);
  for (std::size_t node = 0; node < 3; ++node) {
    for (std::size_t shard = 0; shard < 2; ++shard) {
      ASSERT_EQ(cluster.node(node).sink(shard).commands.size(), 1u);
      const auto& order = cluster.node(node).sink(shard).commands[0];
      EXPECT_EQ(std::get<hub::DisconnectOrder>(order).target.session, "s1");
    }
  }
  const auto info = cluster.order(0, hub::InfoQuery{});
  EXPECT_EQ(info->info.channels, 4u) << "distinct";
  EXPECT_EQ(info->info.sessions, 1u);
}

TEST_F(BrokerNodes, AnOrderThatANodeDidNotHearIsNotSaidToBeDone) {
  SteppedCluster cluster;
  cluster.node(1).lose_pub_sub();
  EXPECT_EQ(cluster.order(0, hub::InfoQuery{}).error(), Error::internal);
  cluster.node(1).restore_pub_sub();
  cluster.settle();
  EXPECT_TRUE(cluster.order(0, hub::InfoQuery{}));
  // It hears the order, and does not answer.
  cluster.node(1).set_links_up(false);
  std::optional<Result<hub::OrderAnswer, Error>> answer;
  cluster.node(0).broker().order(hub::InfoQuery{}, [&](auto told) { answer = std::move(told); });
  cluster.settle();
  EXPECT_FALSE(answer);
  cluster.advance(1s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error(), Error::internal);
}

TEST_F(BrokerNodes, ANodeThatDiedIsNotWaitedForLongerThanFiveSeconds) {
  SteppedCluster cluster;
  cluster.kill_node(1);
  EXPECT_EQ(cluster.order(0, hub::InfoQuery{}).error(), Error::internal);
  for (int i = 0; i < 7; ++i) cluster.advance(1s);
  EXPECT_TRUE(cluster.order(0, hub::InfoQuery{}));
}

TEST_F(BrokerNodes, ANodeThatSaidGoodbyeAnswersWhileItIsThereAndIsNotWaitedForAfterwards) {
  SteppedCluster cluster;
  cluster.node(1).broker(0);
  cluster.node(1).engine->say_goodbye();
  cluster.advance(1s);
  EXPECT_TRUE(cluster.order(0, hub::InfoQuery{}));
  EXPECT_EQ(cluster.node(1).sink().commands.size(), 1u);
  cluster.kill_node(1);
  EXPECT_TRUE(cluster.order(0, hub::InfoQuery{}));
}

TEST_F(BrokerNodes, WhatIsNotOursInRedisDoesNoHarm) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
  auto& talk = SteppedCluster::redis().talk();
  for (const std::string text : {"", "P", "garbage", "O\x01", "X", "A", "B"}) {
    for (const std::string to : {"usher:to-all", "usher:to:n1", "usher:messages:{kept:1}"}) {
      talk.ask({"PUBLISH", to, text});
    }
  }
  cluster.settle();
  ASSERT_TRUE(cluster.publish(0, "kept:1"));
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{1});
  EXPECT_TRUE(cluster.order(0, hub::InfoQuery{}));
  EXPECT_GT(cluster.node(0).engine->feed_stats().unreadable, 0u);
  // An entry that can't be read counts as gone, and is reported.
  const auto position = *cluster.publish(0, "kept:2");
  talk.ask({"XADD", "usher:stream:{kept:2}", "2-1", "p", "garbage"});
  const auto page = cluster.ask<hub::HistoryPage>(
      [&](auto done) { cluster.node(0).broker().history("kept:2", {}, std::move(done)); });
  EXPECT_FALSE(page && page->publications.size() > 1);
}

}  // namespace
}  // namespace usher::test
