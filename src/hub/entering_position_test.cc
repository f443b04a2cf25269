// How a subscription with history and presence comes to be, and comes back.
#include <gtest/gtest.h>

#include "hub/hub.h"
#include "support/hub_cluster.h"
#include "support/print_result.h"
#include "wire/protocol_reply.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;
using Told = std::vector<std::string>;
using wire::RecoveryGap;

ChannelRulesOptions rules() {
  return {
      .namespaces = {
          {.name = "news",
           .subscribe = Audience::anyone,
           .publish = Audience::anyone,
           .history_size = 5,
           .history_ttl = 1min,
           .recovery = true},
          {.name = "kept", .subscribe = Audience::anyone, .history_size = 5, .history_ttl = 1min},
          {.name = "plain", .subscribe = Audience::anyone},
          {.name = "room", .subscribe = Audience::anyone, .presence = true, .join_leave = true},
          {.name = "user", .history_size = 5, .history_ttl = 1min, .recovery = true}}};
}

std::vector<std::uint64_t> offsets(const Publications& publications) {
  std::vector<std::uint64_t> found;
  for (const auto& publication : publications) found.push_back(publication->offset);
  return found;
}

std::string live(const std::string& channel, std::uint64_t offset) {
  const std::string n = std::to_string(offset);
  return R"({"push":{"channel":")" + channel + R"(","pub":{"data":)" + n + R"(,"offset":)" + n +
         "}}}";
}

class EnteringPositionTest : public testing::TestWithParam<std::size_t> {
 protected:
  // Publications whose data is their offset.
  void publish(std::size_t count, const std::string& channel = "news:1") {
    for (std::size_t i = 0; i < count; ++i) {
      ++published;
      const std::size_t shard = published % GetParam();
      const auto position = cluster.publish(channel, std::to_string(published), shard);
      ASSERT_TRUE(position);
      ASSERT_EQ(position->offset, published);
      epoch = position->epoch;
    }
  }

  HubCluster cluster{
      rules(),
      GetParam(),
      1,
      {.recovery_publications_max = 4, .recovery_bytes_max = 400, .held_back_max = 3}};
  std::uint64_t published = 0;
  std::string epoch;
};

INSTANTIATE_TEST_SUITE_P(Shards, EnteringPositionTest, testing::Values(1, 3));

TEST_P(EnteringPositionTest, ANewSubscriberIsToldWhereItStands) {
  publish(2);
  TestSubscriber one("s1");
  cluster.join(one);
  const auto outcome = cluster.subscribe(one, "news:1");
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->recoverable);
  EXPECT_EQ(outcome->position, (Position{2, epoch}));
  EXPECT_FALSE(outcome->was_recovering);
  EXPECT_TRUE(outcome->publications.empty());
  publish(1);
  EXPECT_EQ(one.take(), Told{live("news:1", 3)});
}

TEST_P(EnteringPositionTest, WhatWasMissedComesInOrderAndThenLive) {
  publish(2);
  const Position seen{2, epoch};
  publish(3);
  TestSubscriber one("s1");
  const Joined joined = cluster.join(one, 0, {{"news:1", seen}});
  const Subscribed& told = *joined.back().outcome;
  EXPECT_TRUE(told.was_recovering);
  EXPECT_TRUE(told.recovered);
  EXPECT_EQ(told.gap, RecoveryGap::none);
  EXPECT_EQ(offsets(told.publications), (std::vector<std::uint64_t>{3, 4, 5}));
  EXPECT_EQ(told.position, (Position{5, epoch}));
  publish(1);
  EXPECT_EQ(one.take(), Told{live("news:1", 6)});
  EXPECT_EQ(cluster.hubs[0]->stats().recovered, 1u);
}

TEST_P(EnteringPositionTest, NothingMissedIsRecovered) {
  publish(2);
  TestSubscriber one("s1");
  cluster.join(one);
  const auto outcome = cluster.subscribe(one, "news:1", 0, Position{2, epoch});
  EXPECT_TRUE(outcome->recovered);
  EXPECT_TRUE(outcome->publications.empty());
}

TEST_P(EnteringPositionTest, AnotherEpochIsAGap) {
  publish(2);
  TestSubscriber one("s1");
  cluster.join(one);
  const auto outcome = cluster.subscribe(one, "news:1", 0, Position{1, "other"});
  EXPECT_TRUE(outcome->was_recovering);
  EXPECT_FALSE(outcome->recovered);
  EXPECT_EQ(outcome->gap, RecoveryGap::epoch_changed);
  EXPECT_EQ(outcome->position, (Position{2, epoch}));
  EXPECT_TRUE(outcome->publications.empty());
}

TEST_P(EnteringPositionTest, APositionThatWasNeverReachedIsAGap) {
  publish(2);
  TestSubscriber one("s1");
  cluster.join(one);
  EXPECT_EQ(cluster.subscribe(one, "news:1", 0, Position{3, epoch})->gap,
            RecoveryGap::epoch_changed);
}

TEST_P(EnteringPositionTest, WhatHistoryNoLongerHasIsAGap) {
  publish(7);  // 3 to 7 are kept
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  EXPECT_EQ(cluster.subscribe(one, "news:1", 0, Position{1, epoch})->gap, RecoveryGap::trimmed);
  publish(0);
  EXPECT_EQ(cluster.subscribe(two, "news:1", 0, Position{3, epoch})->gap, RecoveryGap::none);
}

TEST_P(EnteringPositionTest, MoreThanTheLimitIsAGap) {
  publish(5);
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  const auto told = cluster.subscribe(one, "news:1", 0, Position{0, epoch});
  EXPECT_EQ(told->gap, RecoveryGap::limit);
  EXPECT_FALSE(told->recovered);
  EXPECT_TRUE(told->publications.empty());
  EXPECT_EQ(offsets(cluster.subscribe(two, "news:1", 0, Position{1, epoch})->publications).size(),
            4u);
}

TEST_P(EnteringPositionTest, MoreBytesThanFitOneAnswerAreAGap) {
  const std::string big = '"' + std::string(200, 'x') + '"';
  const auto first = cluster.publish("news:1", big);
  ASSERT_TRUE(cluster.publish("news:2", big));
  const std::string other_epoch = cluster.publish("news:2", big)->epoch;
  TestSubscriber one("s1");
  const Joined joined = cluster.join(
      one, 0, {{"news:1", Position{0, first->epoch}}, {"news:2", Position{1, other_epoch}}});
  // Each would fit; both do not. Which comes first depends on whose answer does.
  const auto& a = *joined[1].outcome;
  const auto& b = *joined[2].outcome;
  EXPECT_NE(a.recovered, b.recovered);
  EXPECT_EQ((a.recovered ? b : a).gap, RecoveryGap::limit);
}

TEST_P(EnteringPositionTest, ExpiredHistoryIsAGapButTheirPositionIsNot) {
  publish(2);
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  cluster.clock.advance(1min);
  EXPECT_EQ(cluster.subscribe(one, "news:1", 0, Position{1, epoch})->gap, RecoveryGap::trimmed);
  EXPECT_TRUE(cluster.subscribe(two, "news:1", 0, Position{2, epoch})->recovered);
}

TEST_P(EnteringPositionTest, OffsetZeroWithoutAnEpochMeansFromTheBeginning) {
  publish(3);
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  EXPECT_EQ(offsets(cluster.subscribe(one, "news:1", 0, Position{})->publications),
            (std::vector<std::uint64_t>{1, 2, 3}));
  publish(3);
  EXPECT_EQ(cluster.subscribe(two, "news:1", 0, Position{})->gap, RecoveryGap::trimmed);
}

TEST_P(EnteringPositionTest, AWishThatNoHistoryCanFulfilIsTold) {
  TestSubscriber one("s1", "ada");
  const Joined joined = cluster.join(one, 0,
                                     {{"plain:1", Position{3, "e"}},
                                      {"kept:1", Position{3, "e"}},
                                      {"session:s1", Position{3, "e"}}});
  for (const JoinedChannel& channel : joined) {
    if (channel.channel == "user:ada") continue;
    EXPECT_TRUE(channel.outcome->was_recovering) << channel.channel;
    EXPECT_FALSE(channel.outcome->recovered) << channel.channel;
    EXPECT_FALSE(channel.outcome->recoverable) << channel.channel;
    EXPECT_EQ(channel.outcome->gap, RecoveryGap::epoch_changed) << channel.channel;
  }
}

TEST_P(EnteringPositionTest, APersonalChannelWithHistoryRecovers) {
  ASSERT_TRUE(cluster.publish("user:ada", "1"));
  const auto position = cluster.publish("user:ada", "2");
  TestSubscriber ada("s1", "ada"), bob("s2", "bob");
  const Joined joined = cluster.join(ada, 0, {{"user:ada", Position{1, position->epoch}}});
  ASSERT_EQ(joined.size(), 2u);
  EXPECT_EQ(offsets(joined[1].outcome->publications), (std::vector<std::uint64_t>{2}));
  const Joined bobs = cluster.join(bob, 0, {{"user:ada", Position{1, position->epoch}}});
  EXPECT_EQ(bobs.back().outcome.error(), Error::permission_denied);
  ASSERT_TRUE(cluster.publish("user:ada", "3"));
  EXPECT_EQ(ada.take(), Told{live("user:ada", 3)});
  EXPECT_EQ(bob.take(), Told{});
  EXPECT_EQ(cluster.hub().unsubscribe(ada, "user:ada").error(), Error::permission_denied);
}

TEST_P(EnteringPositionTest, AskingForWhatTheServerSubscribedTellsThePositionOfNow) {
  TestSubscriber ada("s1", "ada");
  cluster.join(ada);
  publish(2, "user:ada");
  ada.take();
  EXPECT_EQ(cluster.subscribe(ada, "user:ada")->position, (Position{2, epoch}));
  EXPECT_EQ(cluster.subscribe(ada, "user:ada").error(), Error::already_subscribed);
  publish(1, "user:ada");
  EXPECT_EQ(ada.take(), Told{live("user:ada", 3)});
}

TEST_P(EnteringPositionTest, AskingToRecoverWhatTheServerSubscribedDoes) {
  publish(3, "user:ada");
  TestSubscriber ada("s1", "ada");
  cluster.join(ada);
  const auto told = cluster.subscribe(ada, "user:ada", 0, Position{1, epoch});
  EXPECT_TRUE(told->recovered);
  EXPECT_EQ(offsets(told->publications), (std::vector<std::uint64_t>{2, 3}));
}

TEST_P(EnteringPositionTest, PresenceListsWhoIsInAndTellsTheOthers) {
  TestSubscriber one("s1", "ada"), two("s2");
  cluster.join(one, 0, {{"room:1"}});
  one.take();  // its own coming
  const std::size_t shard = GetParam() - 1;
  cluster.join(two, shard);
  ASSERT_TRUE(cluster.subscribe(two, "room:1", shard));
  EXPECT_EQ(one.take(), Told{R"({"push":{"channel":"room:1","join":{"info":{"user":"","client":")" +
                             two.client().text() + R"("}}}})"});

  std::vector<ClientInfo> present;
  PresenceStats stats;
  cluster.hub().presence(one, "room:1", [&](auto told) { present = *told; });
  cluster.hub().presence_stats(one, "room:1", [&](auto told) { stats = *told; });
  cluster.mail.run_all();
  EXPECT_EQ(present.size(), 2u);
  EXPECT_EQ(stats, (PresenceStats{2, 2}));

  const std::string gone = two.client().text();
  two.leave();
  cluster.mail.run_all();
  EXPECT_EQ(one.take(),
            Told{R"({"push":{"channel":"room:1","leave":{"info":{"user":"","client":")" + gone +
                 R"("}}}})"});
  cluster.hub().presence_stats(one, "room:1", [&](auto told) { stats = *told; });
  cluster.mail.run_all();
  EXPECT_EQ(stats, (PresenceStats{1, 1}));
}

TEST_P(EnteringPositionTest, PresenceAndHistoryAreForSubscribers) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"plain:1"}});
  std::optional<Error> refused;
  cluster.hub().presence(one, "room:1", [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::permission_denied);
  cluster.hub().history(one, "news:1", {}, [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::permission_denied);
  cluster.hub().presence(one, "plain:1", [&](auto told) { refused = told.error(); });
  cluster.mail.run_all();
  EXPECT_EQ(refused, Error::not_available);
  refused.reset();
  cluster.hub().history(one, "plain:1", {}, [&](auto told) { refused = told.error(); });
  cluster.mail.run_all();
  EXPECT_EQ(refused, Error::not_available);
  cluster.hub().presence_stats(one, "session:s1", [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::not_available);
  cluster.hub().presence_stats(one, "session:s2", [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::permission_denied);
}

TEST_P(EnteringPositionTest, HistoryForAClientTakesPartsAndRefusesAnotherEpoch) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"news:1"}});
  publish(4);
  std::optional<Result<HistoryPage, Error>> page;
  const auto keep = [&](Result<HistoryPage, Error> told) { page = std::move(told); };
  cluster.hub().history(one, "news:1", {.limit = 2, .since = Position{1, epoch}}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(offsets((*page)->publications), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ((*page)->position, (Position{4, epoch}));
  cluster.hub().history(one, "news:1", {.limit = 2, .since = Position{1, "x"}}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(page->error(), Error::unrecoverable_position);
}

TEST_P(EnteringPositionTest, HistoryForAClientIsBoundedInBytes) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"news:1"}});
  const std::string big = '"' + std::string(130, 'x') + '"';  // two of them fit recovery_bytes_max
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(cluster.publish("news:1", big));
  std::optional<HistoryPage> page;
  const auto keep = [&](Result<HistoryPage, Error> told) { page = std::move(*told); };
  cluster.hub().history(one, "news:1", {}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(offsets(page->publications), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_TRUE(page->more);
  cluster.hub().history(one, "news:1", {.limit = 2}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(page->publications.size(), 2u);
  ASSERT_TRUE(cluster.publish("news:1", '"' + std::string(1000, 'x') + '"'));
  cluster.hub().history(one, "news:1", {.limit = 1, .reverse = true}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(page->publications.size(), 1u);
}

TEST_P(EnteringPositionTest, ChannelsOfAConnectionAreBounded) {
  HubCluster small(rules(), GetParam(), 1, {.channels_per_connection_max = 2});
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

TEST_P(EnteringPositionTest, WhenPresenceIsFullNobodyMoreIsLetIn) {
  HubCluster small(rules(), GetParam(), 1, {}, {.presence_per_channel_max = 1});
  TestSubscriber one("s1"), two("s2");
  small.join(one, 0, {{"room:1"}});
  small.join(two);
  EXPECT_EQ(small.subscribe(two, "room:1").error(), Error::limit_exceeded);
  EXPECT_EQ(small.hubs[0]->subscriptions(), 1u);
  one.take();
  two.leave();
  small.mail.run_all();
  EXPECT_EQ(one.take(), Told{}) << "who was not let in does not leave either";
}

// With the answers held up in the mailboxes: only where the home is another shard.
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
      rules(),
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
  cluster.mail.run_one();  // the home learns who listens
  for (int i = 2; i <= 3; ++i) {
    cluster.broker(1).publish({.channel = channel, .data = std::to_string(i)}, [](auto) {});
  }
  while (!outcome) {
    EXPECT_EQ(one.told, Told{});
    ASSERT_TRUE(cluster.mail.run_one());
  }
  EXPECT_EQ(offsets((*outcome)->publications), (std::vector<std::uint64_t>{2, 3}));
  cluster.mail.run_all();
  EXPECT_EQ(one.take(), Told{});
  ASSERT_TRUE(cluster.publish(channel, "4"));
  EXPECT_EQ(one.take(), Told{live(channel, 4)});
}

TEST_F(HeldUpTest, WhatComesBetweenTheAnswerAndItsTellingFollowsIt) {
  // Two channels in one operation: the first is answered, the second still away.
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
  auto seen_offsets = offsets(joined->back().outcome->publications);
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

}  // namespace
}  // namespace usher::hub
