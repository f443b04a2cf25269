// Orders while Redis can't be reached: carried out here at once, and on other nodes when it is
// back, in order and once.
#include <gtest/gtest.h>

#include "redis/broker/order_desk.h"
#include "stepped_cluster.h"

namespace usher::test {
namespace {

using namespace std::chrono_literals;
using hub::Elsewhere;
using Texts = std::vector<std::string>;

hub::DisconnectOrder disconnect(const std::string& session) {
  return {.target = {.session = session}};
}

Texts sessions_of(SteppedCluster& cluster, std::size_t node, std::size_t shard = 1) {
  Texts sessions;
  for (const hub::Order& command : cluster.node(node).sink(shard).commands) {
    if (const auto* order = std::get_if<hub::DisconnectOrder>(&command)) {
      sessions.push_back(order->target.session);
    } else if (const auto* taken = std::get_if<hub::UnsubscribeOrder>(&command)) {
      sessions.push_back("not " + taken->target.session);
    } else if (const auto* given = std::get_if<hub::SubscribeOrder>(&command)) {
      sessions.push_back("+ " + given->target.session);
    }
  }
  return sessions;
}

void lose_redis(SteppedCluster& cluster, std::size_t node) {
  cluster.node(node).lose_pub_sub();
  cluster.node(node).set_links_up(false);
}
void find_redis(SteppedCluster& cluster, std::size_t node) {
  cluster.node(node).set_links_up(true);
  cluster.node(node).restore_pub_sub();
  cluster.settle();
}

using BrokerOrders = OnRedis;

TEST_F(BrokerOrders, AskedWhileRedisIsAwayTheyAreDoneHereAtOnceAndElsewhereLater) {
  SteppedCluster cluster(1, 3);
  lose_redis(cluster, 0);
  EXPECT_EQ(cluster.order(0, disconnect("a"))->elsewhere, Elsewhere::later);
  EXPECT_EQ(cluster.order(0, hub::UnsubscribeOrder{.target = {.session = "b"}, .channel = "c"})
                ->elsewhere,
            Elsewhere::later);
  EXPECT_EQ(cluster.order(0, disconnect("c"))->elsewhere, Elsewhere::later);
  const Texts all{"a", "not b", "c"};
  for (std::size_t shard : {0u, 1u}) EXPECT_EQ(sessions_of(cluster, 0, shard), all);
  EXPECT_EQ(sessions_of(cluster, 1), Texts{});
  EXPECT_EQ(cluster.node(0).engine->desk().kept(), 3u);

  find_redis(cluster, 0);
  for (int i = 0; i < 3; ++i) cluster.advance(1s);
  for (std::size_t node : {0u, 1u, 2u}) {
    for (std::size_t shard : {0u, 1u}) EXPECT_EQ(sessions_of(cluster, node, shard), all);
  }
  EXPECT_EQ(cluster.node(0).engine->desk().kept(), 0u);
  EXPECT_EQ(cluster.order(0, disconnect("d"))->elsewhere, Elsewhere::done);
}

TEST_F(BrokerOrders, ANodeThatDoesNotHearGetsThemWhenItDoesAndTheOthersOnce) {
  SteppedCluster cluster(1, 3);
  cluster.node(1).lose_pub_sub();
  for (const std::string session : {"a", "b", "c"}) {
    EXPECT_EQ(cluster.order(0, disconnect(session))->elsewhere, Elsewhere::later);
    if (session == "b") cluster.advance(1s);
  }
  cluster.advance(1s);
  const Texts all{"a", "b", "c"};
  EXPECT_EQ(sessions_of(cluster, 0), all);
  EXPECT_EQ(sessions_of(cluster, 2), all);
  EXPECT_EQ(sessions_of(cluster, 1), Texts{});
  cluster.node(1).restore_pub_sub();
  cluster.advance(1s);
  for (std::size_t node : {0u, 1u, 2u}) EXPECT_EQ(sessions_of(cluster, node), all);
}

// It was away so long that it counted as dead, and no order waited for it.
TEST_F(BrokerOrders, ANodeThatWasCutOffForLongFindsThemWhenItComesBack) {
  SteppedCluster cluster(1, 3);
  EXPECT_EQ(cluster.order(0, disconnect("before"))->elsewhere, Elsewhere::done);
  lose_redis(cluster, 1);
  for (int i = 0; i < 8; ++i) cluster.advance(1s);
  for (const std::string session : {"a", "b"}) {
    EXPECT_EQ(cluster.order(0, disconnect(session))->elsewhere, Elsewhere::done);
  }
  EXPECT_EQ(sessions_of(cluster, 1), Texts{"before"});
  cluster.node(1).set_links_up(true);
  cluster.node(1).restore_pub_sub();
  EXPECT_EQ(cluster.order(2, disconnect("c"))->elsewhere, Elsewhere::done);
  EXPECT_EQ(sessions_of(cluster, 1), (Texts{"before", "a", "b", "c"}));
  EXPECT_EQ(sessions_of(cluster, 2), (Texts{"before", "a", "b", "c"}));
  cluster.add_node(99);
  cluster.settle();
  EXPECT_EQ(sessions_of(cluster, 3), Texts{}) << "what was before it is not about it";
}

TEST_F(BrokerOrders, WhatWasSentAndNotHeardHereIsDoneHereWhenTheLinkIsLost) {
  SteppedCluster cluster;
  std::optional<hub::OrderAnswer> answer;
  cluster.node(0).broker().order(disconnect("a"), [&](auto told) { answer = *told; });
  while (cluster.node(0).mail.run_one()) {
  }
  cluster.node(0).mail.act_as(0);
  while (cluster.node(0).links[0]->step()) {
  }
  cluster.node(0).lose_pub_sub();
  cluster.settle();
  EXPECT_EQ(sessions_of(cluster, 0), Texts{"a"});
  cluster.node(0).restore_pub_sub();
  for (int i = 0; i < 3; ++i) cluster.advance(1s);
  EXPECT_EQ(sessions_of(cluster, 0), Texts{"a"});
  EXPECT_EQ(sessions_of(cluster, 1), Texts{"a"});
  EXPECT_EQ(cluster.node(0).engine->desk().kept(), 0u);
}

TEST_F(BrokerOrders, SoManyAreKeptAndNoMore) {
  SteppedCluster cluster;
  lose_redis(cluster, 0);
  for (std::size_t i = 0; i < kContractOrdersKept; ++i) {
    EXPECT_EQ(cluster.order(0, disconnect("a"))->elsewhere, Elsewhere::later);
  }
  EXPECT_EQ(cluster.order(0, disconnect("last"))->elsewhere, Elsewhere::dropped);
  EXPECT_EQ(sessions_of(cluster, 0).back(), "last") << "here it is done";
  EXPECT_EQ(cluster.node(0).engine->desk().dropped(), 1u);
  find_redis(cluster, 0);
  cluster.advance(1s);
  EXPECT_EQ(sessions_of(cluster, 1).size(), kContractOrdersKept);
  EXPECT_EQ(cluster.order(0, disconnect("b"))->elsewhere, Elsewhere::done);
}

TEST_F(BrokerOrders, ARedisThatRefusesToWriteIsAsGoodAsAway) {
  SteppedCluster cluster;
  auto& talk = SteppedCluster::redis().talk();
  talk.ask({"CONFIG", "SET", "min-replicas-to-write", "1"});
  EXPECT_EQ(cluster.order(0, disconnect("a"))->elsewhere, Elsewhere::later);
  EXPECT_EQ(sessions_of(cluster, 0), Texts{"a"});
  cluster.node(0).tick();
  cluster.settle();
  EXPECT_NE(cluster.node(0).engine->write_refusal().find("NOREPLICAS"), std::string::npos);
  talk.ask({"CONFIG", "SET", "min-replicas-to-write", "0"});
  cluster.advance(1s);
  EXPECT_EQ(sessions_of(cluster, 1), Texts{"a"});
  EXPECT_EQ(cluster.node(0).engine->write_refusal(), "");
}

// Late, an order that gives something would undo what another gateway has taken away meanwhile.
TEST_F(BrokerOrders, WhatGivesIsDoneNowOrNeverAndNotWhileWhatTakesAwayIsLate) {
  SteppedCluster cluster;
  const hub::SubscribeOrder give{.target = {.session = "b"}, .channel = "c"};
  const hub::RefreshOrder extend{.target = {.session = "b"}, .expire_at = 5};
  lose_redis(cluster, 0);
  EXPECT_EQ(cluster.order(0, give).error(), hub::Error::internal);
  EXPECT_EQ(cluster.order(0, extend).error(), hub::Error::internal);
  EXPECT_EQ(cluster.node(0).engine->desk().kept(), 0u);
  EXPECT_EQ(cluster.node(0).sink().commands.size(), 0u) << "not here either";
  const hub::RefreshOrder end{.target = {.session = "b"}, .expired = true};
  EXPECT_EQ(cluster.order(0, end)->elsewhere, Elsewhere::later);

  cluster.node(1).lose_pub_sub();
  find_redis(cluster, 0);
  EXPECT_EQ(cluster.node(0).engine->desk().late(), 1u);
  cluster.node(1).restore_pub_sub();
  while (!cluster.node(1).engine->ready()) cluster.run_one();
  EXPECT_EQ(cluster.order(0, give).error(), hub::Error::internal) << "one is late still";
  cluster.advance(1s);
  EXPECT_EQ(cluster.node(0).engine->desk().late(), 0u);
  EXPECT_EQ(cluster.order(0, give)->elsewhere, Elsewhere::done);
  EXPECT_EQ(cluster.order(0, extend)->elsewhere, Elsewhere::done);
  for (std::size_t node : {0u, 1u}) {
    const auto& commands = cluster.node(node).sink().commands;
    ASSERT_EQ(commands.size(), 3u);
    EXPECT_TRUE(std::get<hub::RefreshOrder>(commands[0]).expired);
    EXPECT_TRUE(std::holds_alternative<hub::SubscribeOrder>(commands[1]));
  }
}

// All nodes have answered before Redis says how many there are. So its answer ends both orders. The
// handler of the first one gives another order before the second one is answered.
TEST_F(BrokerOrders, AnAnswerMayBringTheNextOrder) {
  SteppedCluster cluster;
  SteppedNode& node = cluster.node(0);
  std::vector<Elsewhere> told;
  const auto order = [&](const std::string& session, auto then) {
    node.broker(0).order(disconnect(session), [&, then](auto answer) {
      told.push_back(answer->elsewhere);
      then();
    });
  };
  order("a", [] {});
  order("b", [&] { order("d", [] {}); });
  order("c", [&] { order("e", [] {}); });
  node.links[0]->step();  // a
  node.links[0]->is_slow = true;
  cluster.settle();
  node.mail.act_as(0);
  node.links[0]->answer();  // b and c
  cluster.settle();
  EXPECT_EQ(told, std::vector<Elsewhere>(5, Elsewhere::done));
  for (std::size_t n : {0u, 1u})
    EXPECT_EQ(sessions_of(cluster, n), (Texts{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(node.engine->desk().kept(), 0u);
}

TEST_F(BrokerOrders, WhatANewRedisHasForgottenItIsToldAgain) {
  SteppedCluster cluster(1, 3);
  cluster.node(1).lose_pub_sub();
  EXPECT_EQ(cluster.order(0, disconnect("a"))->elsewhere, Elsewhere::later);
  for (std::size_t node : {0u, 1u, 2u}) {
    if (node != 1) cluster.node(node).lose_pub_sub();
    cluster.node(node).set_links_up(false);
  }
  SteppedCluster::redis().forget_all();
  for (std::size_t node : {0u, 2u}) find_redis(cluster, node);
  cluster.advance(1s);
  EXPECT_EQ(cluster.node(0).engine->desk().kept(), 0u) << "the third counts as dead";
  find_redis(cluster, 1);
  EXPECT_EQ(sessions_of(cluster, 1), Texts{"a"});
}

TEST_F(BrokerOrders, WhatRedisCanNotRememberIsKept) {
  SteppedCluster cluster(1, 2);
  lose_redis(cluster, 1);
  for (int i = 0; i < 8; ++i) cluster.advance(1s);
  auto& talk = SteppedCluster::redis().talk();
  talk.ask({"ACL", "SETUSER", "default", "-xadd"});
  for (const std::string session : {"a", "b"}) {
    EXPECT_EQ(cluster.order(0, disconnect(session))->elsewhere, Elsewhere::later);
  }
  talk.ask({"ACL", "SETUSER", "default", "+xadd"});
  cluster.advance(1s);
  EXPECT_EQ(cluster.node(0).engine->desk().kept(), 0u);
  find_redis(cluster, 1);
  EXPECT_EQ(sessions_of(cluster, 1), (Texts{"a", "b"}));
}

TEST_F(BrokerOrders, ANodeThatComesBackLastFindsAllThatAnotherOneKept) {
  constexpr std::size_t kMany = 1500;
  SteppedCluster cluster(1, 2, kMany);
  for (std::size_t node : {0u, 1u}) EXPECT_TRUE(cluster.order(node, disconnect("before")));
  for (std::size_t node : {0u, 1u}) lose_redis(cluster, node);
  for (int i = 0; i < 8; ++i) cluster.advance(1s);
  for (std::size_t i = 0; i < kMany; ++i) {
    cluster.node(0).broker(0).order(disconnect(std::to_string(i)), [](auto) {});
  }
  find_redis(cluster, 0);
  EXPECT_EQ(cluster.node(0).engine->desk().kept(), 0u);
  find_redis(cluster, 1);
  EXPECT_EQ(sessions_of(cluster, 1).size(), kMany + 2);
  EXPECT_EQ(cluster.node(1).engine->orders_missed(), 0u);
}

TEST_F(BrokerOrders, RedisRemembersSoManyKiBOfThem) {
  SteppedCluster cluster(1, 2, 1000);
  EXPECT_TRUE(cluster.order(0, disconnect("before")));
  lose_redis(cluster, 1);
  for (int i = 0; i < 8; ++i) cluster.advance(1s);
  hub::DisconnectOrder large = disconnect("a");
  large.reason.assign(400 * 1024, 'x');
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(cluster.order(0, large));
  const auto length = SteppedCluster::redis().talk().ask({"XLEN", "usher:orders"});
  EXPECT_EQ(length.integer, 3) << "1000 KiB, and the one in which they end";
  find_redis(cluster, 1);
  EXPECT_EQ(sessions_of(cluster, 1).size(), 4u);
  EXPECT_EQ(cluster.node(1).engine->orders_missed(), 2u);
}

// A repeated order was answered when it was carried out. A second answer would count its node
// twice.
TEST_F(BrokerOrders, ADoubleIsNotAnswered) {
  SteppedCluster cluster(1, 3);
  std::optional<hub::OrderAnswer> answer;
  cluster.node(0).broker(0).order(disconnect("a"), [&](auto told) { answer = *told; });
  const auto run = [&](std::size_t node) {
    cluster.node(node).mail.act_as(0);
    while (cluster.node(node).links[0]->step() || cluster.node(node).mail.run_one() ||
           cluster.node(node).pub_sub->step()) {
    }
  };
  cluster.node(0).mail.act_as(0);
  while (cluster.node(0).links[0]->step()) {
  }
  run(1);
  for (int flap = 0; flap < 3; ++flap) {
    cluster.node(1).lose_pub_sub();
    cluster.node(1).restore_pub_sub();
    run(1);
  }
  run(0);
  EXPECT_FALSE(answer) << "the third has not answered";
  cluster.settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->elsewhere, Elsewhere::done);
}

TEST_F(BrokerOrders, SoManyOfAShardWaitForAnswersAndNoMore) {
  SteppedCluster cluster;
  std::size_t refused = 0;
  for (int i = 0; i < 1001; ++i) {
    cluster.node(0).broker().order(disconnect("a"), [&](auto told) { refused += told ? 0 : 1; });
  }
  EXPECT_EQ(refused, 1u);
  cluster.settle();
  EXPECT_EQ(refused, 1u);
  EXPECT_TRUE(cluster.order(0, disconnect("a")));
}

TEST_F(BrokerOrders, EveryNodeDescribesItself) {
  SteppedCluster cluster;
  cluster.node(1).broker().connected({7}, "s1", "ada");
  cluster.settle();
  const auto answer = cluster.order(0, hub::InfoQuery{});
  ASSERT_TRUE(answer && answer->nodes.size() == 2);
  EXPECT_EQ(answer->nodes[0].uid, "n1");
  EXPECT_EQ(answer->nodes[1].uid, "n2");
  EXPECT_EQ(answer->nodes[0].info.users, 0u);
  EXPECT_EQ(answer->nodes[1].info.users, 1u);
  EXPECT_EQ(answer->info.users, 1u);
}

// Links come and go on every node. Each order is carried out on each node once, and the orders of
// one node in the order of the calls.
TEST_F(BrokerOrders, WhateverHappensEveryNodeCarriesOutEachOnceAndInOrder) {
  std::size_t later = 0;
  std::size_t all = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SteppedCluster cluster(seed, 3);
    std::mt19937_64 random(seed);
    bool linked[3] = {true, true, true};
    bool up[3] = {true, true, true};
    Texts asked[3];
    for (int i = 0; i < 60; ++i) {
      const std::size_t node = random() % 3;
      switch (random() % 8) {
        case 0:
          linked[node] ? cluster.node(node).lose_pub_sub() : cluster.node(node).restore_pub_sub();
          linked[node] = !linked[node];
          break;
        case 1:
          up[node] = !up[node];
          cluster.node(node).set_links_up(up[node]);
          break;
        case 2:
          cluster.advance(std::chrono::seconds(random() % 4));
          break;
        default: {
          if (cluster.node(node).engine->desk().kept() >= kContractOrdersKept) break;
          asked[node].push_back(std::to_string(node) + ":" + std::to_string(asked[node].size()));
          cluster.node(node).broker().order(disconnect(asked[node].back()), [&](auto told) {
            ASSERT_TRUE(told);
            later += told->elsewhere == Elsewhere::later ? 1 : 0;
          });
          while (cluster.node(node).mail.run_one()) {
          }
          ++all;
        }
      }
      for (auto n = random() % 12; n > 0; --n) cluster.run_one();
    }
    for (std::size_t node = 0; node < 3; ++node) {
      cluster.node(node).set_links_up(true);
      if (!linked[node]) cluster.node(node).restore_pub_sub();
    }
    for (int i = 0; i < 4; ++i) cluster.advance(1s);
    for (std::size_t node = 0; node < 3; ++node) {
      const Texts done = sessions_of(cluster, node);
      for (std::size_t origin = 0; origin < 3; ++origin) {
        Texts its;
        for (const std::string& session : done) {
          if (session.front() == static_cast<char>('0' + origin)) its.push_back(session);
        }
        EXPECT_EQ(its, asked[origin]) << "on node " << node << ", seed " << seed;
      }
      EXPECT_EQ(cluster.node(node).engine->desk().kept(), 0u) << "seed " << seed;
    }
  }
  EXPECT_GT(all, 300u);
  EXPECT_GT(later, 50u);
}

TEST(OrdersDone, EachNodesOrdersAreCarriedOutOnce) {
  redis::OrdersDone done(2);
  constexpr std::uint64_t kKept = redis::OrderDesk::kKept;
  EXPECT_TRUE(done.begin("a", kKept | 1) && done.begin("a", kKept | 2));
  EXPECT_FALSE(done.begin("a", kKept | 1) || done.begin("a", kKept | 2));
  EXPECT_TRUE(done.begin("b", kKept | 1));
  EXPECT_TRUE(done.begin("b", 1) && done.begin("b", 1)) << "of a gateway that keeps none";
  EXPECT_TRUE(done.begin("c", kKept | 1)) << "the one that was used longest ago makes room";
  EXPECT_FALSE(done.begin("b", kKept | 1));
  EXPECT_EQ(done.missed(), 0u);
  EXPECT_TRUE(done.begin("b", kKept | 4));
  EXPECT_EQ(done.missed(), 2u);
}

}  // namespace
}  // namespace usher::test
