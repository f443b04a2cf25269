// What subscribers get when messages are lost between Redis and a node.
#include <gtest/gtest.h>

#include "stepped_cluster.h"

namespace usher::test {
namespace {

using namespace std::chrono_literals;
using hub::Error;
using hub::Owner;
using Offsets = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

using BrokerLoss = OnRedis;

TEST_F(BrokerLoss, AMessageThatPubSubLostComesFromHistoryBeforeTheNext) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
  ASSERT_TRUE(cluster.publish(1, "kept:1"));
  cluster.node(1).broker().publish({.channel = "kept:1", .data = "2"}, [](auto) {});
  while (cluster.node(1).links[1]->step()) {
  }
  ASSERT_TRUE(cluster.node(0).pub_sub->lose_one());
  cluster.settle();
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{1});
  ASSERT_TRUE(cluster.publish(1, "kept:1"));
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), (Offsets{2, 3}));
  EXPECT_EQ(cluster.node(0).engine->feed_stats().filled, 2u);
}

TEST_F(BrokerLoss, TheLastMessageIsMissedNoLongerThanARound) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
  cluster.node(1).broker().publish({.channel = "kept:1", .data = "1"}, [](auto) {});
  while (cluster.node(1).links[1]->step()) {
  }
  ASSERT_TRUE(cluster.node(0).pub_sub->lose_one());
  for (int i = 0; i < 60; ++i) {
    cluster.node(0).tick();
    cluster.settle();
  }
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{1});
}

TEST_F(BrokerLoss, WhatWasMissedWhileTheLinkWasLostIsSentInOrderAndOnce) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1", 0));
  ASSERT_TRUE(cluster.subscribe(0, "kept:1", 1));
  ASSERT_TRUE(cluster.publish(0, "kept:1"));
  cluster.node(0).lose_pub_sub();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(cluster.publish(1, "kept:1"));
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{1});
  cluster.node(0).restore_pub_sub();
  cluster.settle();
  ASSERT_TRUE(cluster.publish(1, "kept:1"));
  EXPECT_EQ(cluster.take_offsets(0, "kept:1", 0), (Offsets{1, 2, 3, 4, 5}));
  EXPECT_EQ(cluster.take_offsets(0, "kept:1", 1), (Offsets{2, 3, 4, 5}));
  EXPECT_EQ(cluster.node(0).sink().lost, Texts{});
}

TEST_F(BrokerLoss, WhatHistoryHasNoLongerIsReported) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
  cluster.node(0).lose_pub_sub();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(cluster.publish(1, "kept:1"));  // five are kept
  cluster.node(0).restore_pub_sub();
  cluster.settle();
  EXPECT_EQ(cluster.node(0).sink().lost, Texts{"kept:1"});
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{});
}

TEST_F(BrokerLoss, AnotherLifeOfRedisIsAnotherEpochAndReported) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
  const auto before = *cluster.publish(1, "kept:1");
  cluster.node(0).lose_pub_sub();
  SteppedCluster::redis().begin_another_life();
  cluster.node(0).restore_pub_sub();
  cluster.settle();
  EXPECT_EQ(cluster.node(0).sink().lost, Texts{"kept:1"});
  const auto after = *cluster.publish(1, "kept:1");
  EXPECT_EQ(after.offset, 1u);
  EXPECT_NE(after.epoch, before.epoch);
  const auto page = cluster.ask<hub::HistoryPage>([&](auto done) {
    cluster.node(0).broker().history("kept:1", {.since = before}, std::move(done));
  });
  EXPECT_EQ(page->gap, wire::RecoveryGap::epoch_changed);
}

// A server was replaced, and comes back with its former run_id and the data of its successor.
TEST_F(BrokerLoss, AServerThatComesBackBeginsANewLifeToo) {
  SteppedCluster cluster;
  const auto first = *cluster.publish(0, "kept:1");
  auto& talk = SteppedCluster::redis().talk();
  talk.ask({"SET", "usher:life", "successor:x"});
  EXPECT_NE(cluster.publish(0, "kept:1")->epoch, first.epoch);
}

TEST_F(BrokerLoss, WithoutHistoryALostLinkIsReportedAtTheNextTick) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "live:1"));
  ASSERT_TRUE(cluster.subscribe(0, "session:s1", 0));
  cluster.node(0).lose_pub_sub();
  cluster.node(0).restore_pub_sub();
  cluster.node(0).lose_pub_sub();
  cluster.node(0).restore_pub_sub();
  cluster.settle();
  EXPECT_EQ(cluster.node(0).sink().lost, Texts{});
  cluster.node(0).tick();
  cluster.settle();
  EXPECT_EQ(cluster.node(0).sink(1).lost, Texts{"live:1"});
  EXPECT_EQ(cluster.node(0).sink(0).lost, Texts{"session:s1"});
}

TEST_F(BrokerLoss, ABindingThatWasMissedIsTold) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "job:1"));
  cluster.node(0).lose_pub_sub();
  EXPECT_TRUE(cluster.ask<void>([&](auto done) {
    cluster.node(1).broker().bind("job:1", Owner{"s1", ""}, 1h, std::move(done));
  }));
  EXPECT_EQ(cluster.node(0).sink().bound.size(), 0u);
  cluster.node(0).restore_pub_sub();
  cluster.settle();
  ASSERT_EQ(cluster.node(0).sink().bound.size(), 1u);
  EXPECT_EQ(cluster.node(0).sink().bound[0].second, (Owner{"s1", ""}));
}

// The link is up again and brings messages, but the owner of the channel is not known yet.
TEST_F(BrokerLoss, AnOwnersChannelIsSilentUntilItsOwnerIsKnown) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SteppedCluster cluster(seed);
    const auto bind = [&](const std::string& channel, const std::string& session) {
      return cluster.ask<void>([&](auto done) {
        cluster.node(1).broker().bind(channel, Owner{session, ""}, 1h, std::move(done));
      });
    };
    for (const std::string channel : {"job:1", "task:1"}) {
      ASSERT_TRUE(bind(channel, "s1"));
      ASSERT_TRUE(cluster.subscribe(0, channel));
    }
    cluster.node(0).lose_pub_sub();
    for (const std::string channel : {"job:1", "task:1"}) ASSERT_TRUE(bind(channel, "s2"));
    cluster.node(0).sink().events.clear();
    cluster.node(0).restore_pub_sub();
    for (int i = 0; i < 3; ++i) {
      for (const std::string channel : {"job:1", "task:1"}) {
        cluster.node(1).broker().publish({.channel = channel, .data = "1"}, [](auto) {});
      }
      for (auto n = seed % 7; n > 0; --n) cluster.run_one();
    }
    cluster.settle();
    // With history, the owner was asked for, and all messages came after the answer.
    ASSERT_FALSE(cluster.node(0).sink().events.empty());
    EXPECT_EQ(cluster.node(0).sink().events.front(), "bound job:1") << "seed " << seed;
    EXPECT_EQ(cluster.take_offsets(0, "job:1"), (Offsets{1, 2, 3})) << "seed " << seed;
    // Without, its subscribers are told of a gap, and to subscribe again.
    EXPECT_EQ(cluster.take_offsets(0, "task:1"), Offsets{}) << "seed " << seed;
    cluster.node(0).tick();
    cluster.settle();
    EXPECT_EQ(cluster.node(0).sink().lost, Texts{"task:1"});
    ASSERT_TRUE(cluster.publish(1, "task:1"));
    EXPECT_EQ(cluster.take_offsets(0, "task:1"), Offsets{0}) << "they have asked for the owner";
    ASSERT_TRUE(cluster.publish(1, "job:1"));
    EXPECT_EQ(cluster.take_offsets(0, "job:1"), Offsets{4});
  }
}

TEST_F(BrokerLoss, AnOwnersChannelWhoseBindingHasRunOutIsAskedForAgain) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.ask<void>([&](auto done) {
    cluster.node(1).broker().bind("job:1", Owner{"s1", ""}, 1h, std::move(done));
  }));
  ASSERT_TRUE(cluster.subscribe(0, "job:1"));
  cluster.node(0).lose_pub_sub();
  SteppedCluster::redis().talk().ask({"DEL", "usher:owner:{job:1}"});
  ASSERT_TRUE(cluster.publish(1, "job:1"));
  cluster.node(0).restore_pub_sub();
  cluster.settle();
  EXPECT_EQ(cluster.take_offsets(0, "job:1"), Offsets{});
  EXPECT_EQ(cluster.node(0).sink().lost, Texts{"job:1"});
}

TEST_F(BrokerLoss, WhatHistoryDoesNotHaveAndCameDuringTheSilenceIsAGap) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.ask<void>([&](auto done) {
    cluster.node(1).broker().bind("job:1", Owner{"s1", ""}, 1h, std::move(done));
  }));
  ASSERT_TRUE(cluster.subscribe(0, "job:1"));
  cluster.node(0).lose_pub_sub();
  cluster.node(0).restore_pub_sub();
  while (!cluster.node(0).engine->ready()) ASSERT_TRUE(cluster.node(0).links[0]->step());
  cluster.node(1).broker().publish({.channel = "job:1", .data = "1", .skip_history = true},
                                   [](auto) {});
  while (cluster.node(1).links[1]->step()) {
  }
  while (cluster.node(0).pub_sub->step()) {
  }
  cluster.settle();
  EXPECT_EQ(cluster.take_offsets(0, "job:1"), Offsets{});
  EXPECT_EQ(cluster.node(0).sink().lost, Texts{"job:1"});
}

TEST_F(BrokerLoss, AnOwnersChannelThatIsWantedWhileTheLinkIsLostIsSilentToo) {
  SteppedCluster cluster;
  SteppedNode& node = cluster.node(0);
  node.broker().subscribe("task:1", [](auto) {});  // on its way to the first shard
  node.lose_pub_sub();
  node.mail.run_all();
  node.restore_pub_sub();
  while (node.pub_sub->step()) {
  }
  node.mail.run_all();
  while (!node.engine->ready()) ASSERT_TRUE(node.links[0]->step());
  ASSERT_TRUE(cluster.publish(1, "task:1"));
  EXPECT_EQ(cluster.take_offsets(0, "task:1"), Offsets{});
  node.tick();
  cluster.settle();
  EXPECT_EQ(node.sink().lost, Texts{"task:1"});
  ASSERT_TRUE(cluster.publish(1, "task:1"));
  EXPECT_EQ(cluster.take_offsets(0, "task:1"), Offsets{0});
}

TEST_F(BrokerLoss, AnOwnersChannelThatIsReachedAfterALossSpeaks) {
  SteppedCluster cluster;
  SteppedNode& node = cluster.node(0);
  node.broker(0).subscribe("task:1", [](auto) {});
  node.lose_pub_sub();
  node.restore_pub_sub();
  while (!node.engine->ready()) ASSERT_TRUE(node.links[0]->step());
  cluster.settle();
  ASSERT_TRUE(cluster.publish(1, "task:1"));
  EXPECT_EQ(cluster.take_offsets(0, "task:1", 0), Offsets{0});
}

// An answer from before the loss does not contain a binding that was missed.
TEST_F(BrokerLoss, AnOwnerFromBeforeALostLinkIsNoAnswer) {
  SteppedCluster cluster;
  std::optional<Result<std::optional<Owner>, Error>> answer;
  cluster.node(0).broker().owner("job:1", [&](auto told) { answer = std::move(told); });
  cluster.node(0).lose_pub_sub();
  cluster.node(0).restore_pub_sub();
  cluster.settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error(), Error::internal);
}

TEST_F(BrokerLoss, WhileMessagesMayBeMissedClientsAreToldNothing) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.publish(1, "kept:1"));
  cluster.node(0).lose_pub_sub();
  auto& broker = cluster.node(0).broker();
  EXPECT_EQ(
      cluster
          .ask<hub::HistoryPage>([&](auto done) { broker.history("kept:1", {}, std::move(done)); })
          .error(),
      Error::internal);
  EXPECT_EQ(cluster
                .ask<std::vector<hub::ClientInfo>>(
                    [&](auto done) { broker.presence("room:1", std::move(done)); })
                .error(),
            Error::internal);
  EXPECT_EQ(cluster
                .ask<hub::Position>([&](auto done) {
                  broker.publish({.channel = "kept:1", .data = "1", .info = hub::ClientInfo{}},
                                 std::move(done));
                })
                .error(),
            Error::internal);
  EXPECT_TRUE(cluster.publish(0, "kept:1")) << "a backend may";
}

TEST_F(BrokerLoss, WhileRedisIsAwayEverythingIsRefusedAndChecksWait) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
  ASSERT_TRUE(cluster.subscribe(0, "live:1"));
  ASSERT_TRUE(cluster.publish(1, "kept:1"));
  cluster.take_offsets(0, "kept:1");
  cluster.node(0).lose_pub_sub();
  cluster.node(0).set_links_up(false);
  EXPECT_EQ(cluster.publish(0, "kept:1").error(), Error::internal);
  EXPECT_EQ(cluster.publish(0, "live:1").error(), Error::internal);
  EXPECT_EQ(cluster.subscribe(0, "kept:1").error(), Error::internal) << "although it has it";
  EXPECT_EQ(cluster.subscribe(0, "kept:2").error(), Error::internal);
  EXPECT_EQ(cluster.order(0, hub::InfoQuery{}).error(), Error::internal);
  const auto page = cluster.ask<hub::HistoryPage>(
      [&](auto done) { cluster.node(0).broker().history("kept:1", {}, std::move(done)); });
  EXPECT_EQ(page.error(), Error::internal);

  ASSERT_TRUE(cluster.publish(1, "kept:1"));
  cluster.node(0).restore_pub_sub();  // the other links come back later
  cluster.settle();
  cluster.node(0).tick();
  cluster.settle();
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{});
  cluster.node(0).set_links_up(true);
  cluster.node(0).tick();
  cluster.settle();
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{2});
}

TEST_F(BrokerLoss, NothingIsSaidToBePublishedThatRedisRefused) {
  SteppedCluster cluster;
  ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
  ASSERT_TRUE(cluster.subscribe(0, "live:1"));
  auto& talk = SteppedCluster::redis().talk();
  talk.ask({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(cluster.publish(1, "kept:1").error(), Error::internal);
  EXPECT_EQ(cluster.publish(1, "live:1").error(), Error::internal);
  talk.ask({"REPLICAOF", "NO", "ONE"});
  talk.ask({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(cluster.publish(1, "kept:1").error(), Error::internal);
  talk.ask({"CONFIG", "SET", "maxmemory", "0"});
  ASSERT_TRUE(cluster.publish(1, "kept:2"));
  talk.ask({"SET", "usher:stream:{kept:2}", "of another kind"});
  EXPECT_EQ(cluster.publish(1, "kept:2").error(), Error::internal);
  EXPECT_EQ(cluster.take_offsets(0, "kept:1"), Offsets{});
  EXPECT_EQ(cluster.take_offsets(0, "live:1"), Offsets{});
  EXPECT_EQ(cluster.publish(1, "kept:1")->offset, 1u);
}

// History is read on one connection, and messages come on another: the answer of history waits for
// the messages that it has overtaken.
TEST_F(BrokerLoss, WhatHistoryHasAnsweredIsNotDeliveredAfterwards) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SteppedCluster cluster(seed);
    std::mt19937_64 random(seed);
    const std::size_t shard = seed % 2;
    const std::string channel = "kept:1";
    auto& delivered = cluster.node(0).sink(shard).deliveries[channel];
    std::vector<std::pair<std::size_t, std::uint64_t>> answers;  // delivered before, and the top
    for (int i = 0; i < 30; ++i) {
      cluster.node(1).broker().publish({.channel = channel, .data = "1"}, [](auto) {});
      if (random() % 12 == 0) cluster.node(0).pub_sub->lose_one();
      if (random() % 4 == 0) {
        cluster.node(0).broker(shard).subscribe(channel, [&](auto told) {
          ASSERT_TRUE(told);
          cluster.node(0).broker(shard).history(channel, {.limit = 0}, [&](auto page) {
            ASSERT_TRUE(page);
            answers.emplace_back(delivered.size(), page->position.offset);
          });
        });
      }
      for (auto n = random() % 8; n > 0; --n) cluster.run_one();
    }
    cluster.settle();
    for (int i = 0; i < 61; ++i) cluster.node(0).tick();
    cluster.settle();
    EXPECT_FALSE(answers.empty()) << "seed " << seed;
    if (!cluster.node(0).sink(shard).lost.empty()) continue;
    for (const auto& [before, top] : answers) {
      std::uint64_t last = std::max(top, before == 0 ? 0 : delivered[before - 1].offset);
      for (std::size_t i = before; i < delivered.size(); ++i) {
        EXPECT_EQ(delivered[i].offset, ++last) << "seed " << seed;
      }
    }
  }
}

// Messages get lost, links come and go, Redis begins another life: each offset is delivered once
// and in order, or the loss is reported before later messages.
TEST_F(BrokerLoss, WhateverHappensEverythingArrivesOnceOrIsReported) {
  std::size_t delivered = 0;
  std::size_t reported = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SteppedCluster cluster(seed);
    std::mt19937_64 random(seed);
    ASSERT_TRUE(cluster.subscribe(0, "kept:1"));
    auto& sink = cluster.node(0).sink();
    std::vector<hub::Position> accepted;
    bool linked = true;
    for (int i = 0; i < 120; ++i) {
      switch (random() % 12) {
        case 0:
          cluster.node(0).pub_sub->lose_one();
          break;
        case 1:
          linked ? cluster.node(0).lose_pub_sub() : cluster.node(0).restore_pub_sub();
          linked = !linked;
          break;
        case 2:
          cluster.node(0).tick();
          break;
        case 3:
          if (random() % 8 == 0) SteppedCluster::redis().begin_another_life();
          break;
        default:
          cluster.node(random() % 2)
              .broker()
              .publish({.channel = "kept:1", .data = "1"}, [&](Result<hub::Position, Error> told) {
                ASSERT_TRUE(told);
                accepted.push_back(*told);
              });
      }
      for (auto n = random() % 20; n > 0; --n) cluster.run_one();
    }
    if (!linked) cluster.node(0).restore_pub_sub();
    cluster.settle();
    for (int i = 0; i < 61; ++i) cluster.node(0).tick();
    cluster.settle();

    // Offsets may jump as often as a loss was reported, and no more often.
    std::size_t jumps = 0;
    std::uint64_t last = 0;
    for (const std::uint64_t offset : cluster.take_offsets(0, "kept:1")) {
      if (offset != last + 1) ++jumps;
      last = offset;
      ++delivered;
    }
    EXPECT_LE(jumps, sink.lost.size()) << "seed " << seed;
    if (sink.lost.empty()) {
      EXPECT_EQ(last, accepted.size()) << "seed " << seed;
    }
    reported += sink.lost.size();
  }
  EXPECT_GT(delivered, 1000u);
  EXPECT_GT(reported, 10u);
}

}  // namespace
}  // namespace usher::test
