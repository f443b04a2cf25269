// Subscribing takes time: deliveries that come meanwhile wait, come once, and are bounded.
#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

using wire::RecoveryGap;

class SubscribingBoundsTest : public SubscribingTest {};

INSTANTIATE_TEST_SUITE_P(Shards, SubscribingBoundsTest, testing::Values(1, 3));

TEST_P(SubscribingBoundsTest, ChannelsOfAConnectionAreBounded) {
  HubCluster small(subscribing_rules(), GetParam(), 1, {.channels_per_connection = 2});
  TestSubscriber ada("s1", "ada");
  const Joined joined = small.join(ada, 0, {{"news:1"}, {"news:2"}, {"news:3"}});
  EXPECT_TRUE(joined[2].outcome);
  EXPECT_TRUE(joined[3].outcome);
  EXPECT_EQ(joined[4].outcome.error(), Error::limit_exceeded);
  EXPECT_EQ(small.subscribe(ada, "plain:1").error(), Error::limit_exceeded);
  ASSERT_TRUE(small.hub().unsubscribe(ada, "news:1"));
  EXPECT_TRUE(small.subscribe(ada, "plain:1"));
  EXPECT_EQ(small.subscribe(ada, "plain:2").error(), Error::limit_exceeded);
}

TEST_P(SubscribingBoundsTest, WhenPresenceIsFullNoMoreClientIsSubscribed) {
  HubCluster small(subscribing_rules(), GetParam(), 1, {}, {.presence_per_channel_max = 1});
  TestSubscriber one("s1"), two("s2");
  small.join(one, 0, {{"room:1"}});
  small.join(two);
  EXPECT_EQ(small.subscribe(two, "room:1").error(), Error::limit_exceeded);
  EXPECT_EQ(small.hubs[0]->subscriptions(), 1u);
  one.take();
  two.leave();
  small.mail.run_all();
  EXPECT_EQ(one.take(), Told{}) << "a client that was never present does not leave";
}

// The answers are held up in the mailboxes, which needs a home on another shard.
class HeldUpTest : public testing::Test {
 protected:
  // A channel whose home is not shard 0.
  std::string far_channel() {
    TestSubscriber probe("probe");
    cluster.join(probe);
    for (int i = 0;; ++i) {
      const std::string channel = "news:far" + std::to_string(i);
      bool answered = false;
      cluster.broker().history(channel, {}, [&](auto) { answered = true; });
      const bool far = !answered;
      cluster.mail.run_all();
      if (far) return channel;
    }
  }

  HubCluster cluster{
      subscribing_rules(),
      2,
      1,
      {.recovery_publications_max = 4, .recovery_bytes_max = 4000, .held_back_max = 3}};
};

TEST_F(HeldUpTest, LiveOnesWaitForTheAnswerAndComeOnce) {
  const std::string channel = far_channel();
  const Position seen = *cluster.publish(channel, "1");
  TestSubscriber one("s1");
  cluster.join(one);
  std::optional<SubscribeOutcome> outcome;
  cluster.hub().subscribe(one, {channel, seen},
                          [&](SubscribeOutcome told) { outcome = std::move(told); });
  cluster.mail.run_one();  // the home learns which shard listens
  for (int i = 2; i <= 3; ++i) {
    cluster.broker(1).publish({.channel = channel, .data = std::to_string(i)}, [](auto) {});
  }
  while (!outcome) {
    EXPECT_EQ(one.told, Told{});
    ASSERT_TRUE(cluster.mail.run_one());
  }
  EXPECT_EQ(offsets_of((*outcome)->publications), (std::vector<std::uint64_t>{2, 3}));
  cluster.mail.run_all();
  EXPECT_EQ(one.take(), Told{});
  ASSERT_TRUE(cluster.publish(channel, "4"));
  EXPECT_EQ(one.take(), Told{live(channel, 4)});
}

TEST_F(HeldUpTest, WhatComesBetweenTheAnswerAndItsTellingFollowsIt) {
  // Two channels in one operation: the first is answered, the second not yet.
  const std::string channel = far_channel();
  const Position seen = *cluster.publish(channel, "1");
  TestSubscriber one("s1");
  std::optional<Joined> joined;
  one.leave = [&] { cluster.hub().leave(one); };
  cluster.hub().join(one, {{channel, seen}}, [&](Joined told) { joined = std::move(told); });
  int published = 1;
  while (!joined) {
    ASSERT_TRUE(cluster.mail.run_one());
    if (published < 4) {
      ++published;
      cluster.broker(1).publish({.channel = channel, .data = std::to_string(published)},
                                [](auto) {});
    }
  }
  cluster.mail.run_all();
  auto seen_offsets = offsets_of(joined->back().outcome->publications);
  for (const std::string& text : one.take()) {
    EXPECT_EQ(text, live(channel, seen_offsets.size() + 2));
    seen_offsets.push_back(seen_offsets.size() + 2);
  }
  EXPECT_EQ(seen_offsets, (std::vector<std::uint64_t>{2, 3, 4}));
}

TEST_F(HeldUpTest, TooManyToHoldBackIsToldAsAGap) {
  // Another channel of the same operation is slow, while this one, answered, is flooded.
  const std::string far = far_channel();
  std::string near;
  for (int i = 0; near.empty(); ++i) {
    const std::string channel = "news:near" + std::to_string(i);
    bool answered = false;
    cluster.broker().history(channel, {}, [&](auto) { answered = true; });
    if (answered) near = channel;
    cluster.mail.run_all();
  }
  const Position seen = *cluster.publish(near, "1");
  TestSubscriber one("s1");
  std::optional<Joined> joined;
  one.leave = [&] { cluster.hub().leave(one); };
  cluster.hub().join(one, {{near, seen}, {far}}, [&](Joined told) { joined = std::move(told); });
  ASSERT_FALSE(joined);
  for (int i = 2; i <= 6; ++i) {  // held_back_max is 3
    cluster.broker(0).publish({.channel = near, .data = std::to_string(i)}, [](auto) {});
  }
  cluster.mail.run_all();
  const Subscribed& told = *(*joined)[1].outcome;
  EXPECT_FALSE(told.recovered);
  EXPECT_EQ(told.gap, RecoveryGap::limit);
  EXPECT_EQ(told.position.offset, 4u);
  EXPECT_EQ(one.take(), (Told{live(near, 5), live(near, 6)}));
}

TEST_F(HeldUpTest, LeavingWhileTheAnswerIsAwayLeavesNothing) {
  const std::string channel = far_channel();
  TestSubscriber one("s1");
  cluster.join(one);
  bool called = false;
  cluster.hub().subscribe(one, {channel}, [&](auto) { called = true; });
  one.leave();
  cluster.mail.run_all();
  EXPECT_FALSE(called);
  EXPECT_EQ(cluster.hubs[0]->channels(), 0u);
}

TEST_F(HeldUpTest, UnsubscribingWhileTheAnswerIsAwayAnswersBoth) {
  const std::string channel = far_channel();
  TestSubscriber one("s1");
  cluster.join(one);
  std::optional<SubscribeOutcome> outcome;
  cluster.hub().subscribe(one, {channel}, [&](auto told) { outcome = std::move(told); });
  EXPECT_TRUE(cluster.hub().unsubscribe(one, channel));
  EXPECT_EQ(outcome->error(), Error::not_available);
  cluster.mail.run_all();
  EXPECT_EQ(cluster.hubs[0]->channels(), 0u);
  EXPECT_TRUE(cluster.subscribe(one, channel));
}

TEST_F(HeldUpTest, APersonalMessageNeverComesBeforeTheJoinIsDone) {
  const std::string channel = far_channel();
  TestSubscriber one("s1");
  bool joined = false;
  one.leave = [&] { cluster.hub().leave(one); };
  cluster.hub().join(one, {{channel}}, [&](auto) { joined = true; });
  cluster.broker(0).publish({.channel = "session:s1", .data = "1"}, [](auto) {});
  while (!joined) {
    EXPECT_EQ(one.told, Told{});
    ASSERT_TRUE(cluster.mail.run_one());
  }
  cluster.mail.run_all();
  ASSERT_TRUE(cluster.publish("session:s1", "2"));
  EXPECT_EQ(one.take().back(), R"({"push":{"channel":"session:s1","pub":{"data":2}}})");
}

// The handler may publish to its own channel, which then holds back more than its limit.
TEST(SubscribingHandlerTest, PublicationsInTheHandlerOfAJoinAllFollowItsAnswer) {
  test::HubCluster cluster({.namespaces = {{.name = "news",
                                            .subscribe = Audience::anyone,
                                            .publish = Audience::anyone,
                                            .history_size = 5,
                                            .history_ttl = std::chrono::minutes(1),
                                            .recovery = true}}},
                           1, 1, {.held_back_max = 3});
  test::TestSubscriber one("s1");
  one.leave = [&] { cluster.hub(0).leave(one); };
  bool told = false;
  cluster.hub(0).join(one, {{"news:1"}}, [&](Joined) {
    told = true;
    for (int i = 0; i < 5; ++i) {
      cluster.hub(0).publish(one, "news:1", "1", [](const Result<Position, Error>&) {});
    }
  });
  EXPECT_TRUE(told);
  EXPECT_EQ(one.told.size(), 5u);
}

// If it were sent all the same, it would end the connection as too slow, and the client would come
// back and ask again.
TEST(SubscribingHandlerTest, ARecoveryThatDoesNotFitWhatMayWaitIsToldAsAGap) {
  test::HubCluster cluster({.namespaces = {{.name = "news",
                                            .subscribe = Audience::anyone,
                                            .history_size = 50,
                                            .history_ttl = std::chrono::minutes(1),
                                            .recovery = true}}});
  test::TestSubscriber one("s1");
  cluster.join(one);
  Position since;
  for (int i = 0; i < 11; ++i) {
    const auto position = cluster.publish("news:1", '"' + std::string(100, 'x') + '"');
    if (i == 0) since = *position;
  }
  one.room = 500;
  const auto gap = cluster.subscribe(one, "news:1", 0, since);
  ASSERT_TRUE(gap);
  EXPECT_FALSE(gap->recovered);
  EXPECT_EQ(gap->gap, wire::RecoveryGap::limit);
  ASSERT_TRUE(cluster.hub().unsubscribe(one, "news:1"));
  one.room = 100'000;
  const auto whole = cluster.subscribe(one, "news:1", 0, since);
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->recovered);
  EXPECT_EQ(whole->publications.size(), 10u);
}

}  // namespace
}  // namespace usher::hub
