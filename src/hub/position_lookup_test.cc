// Where a subscription with history begins, and which missed publications it gets.
#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using wire::RecoveryGap;

class PositionLookupTest : public SubscribingTest {};

INSTANTIATE_TEST_SUITE_P(Shards, PositionLookupTest, testing::Values(1, 3));

TEST_P(PositionLookupTest, ANewSubscriberIsToldWhereItStands) {
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

TEST_P(PositionLookupTest, WhatWasMissedComesInOrderAndThenLive) {
  publish(2);
  const Position seen{2, epoch};
  publish(3);
  TestSubscriber one("s1");
  const Joined joined = cluster.join(one, 0, {{"news:1", seen}});
  const Subscribed& told = *joined.back().outcome;
  EXPECT_TRUE(told.was_recovering);
  EXPECT_TRUE(told.recovered);
  EXPECT_EQ(told.gap, RecoveryGap::none);
  EXPECT_EQ(offsets_of(told.publications), (std::vector<std::uint64_t>{3, 4, 5}));
  EXPECT_EQ(told.position, (Position{5, epoch}));
  publish(1);
  EXPECT_EQ(one.take(), Told{live("news:1", 6)});
  EXPECT_EQ(cluster.hubs[0]->stats().recovered, 1u);
}

TEST_P(PositionLookupTest, NothingMissedIsRecovered) {
  publish(2);
  TestSubscriber one("s1");
  cluster.join(one);
  const auto outcome = cluster.subscribe(one, "news:1", 0, Position{2, epoch});
  EXPECT_TRUE(outcome->recovered);
  EXPECT_TRUE(outcome->publications.empty());
}

TEST_P(PositionLookupTest, AnotherEpochIsAGap) {
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

TEST_P(PositionLookupTest, APositionThatWasNeverReachedIsAGap) {
  publish(2);
  TestSubscriber one("s1");
  cluster.join(one);
  EXPECT_EQ(cluster.subscribe(one, "news:1", 0, Position{3, epoch})->gap,
            RecoveryGap::epoch_changed);
}

TEST_P(PositionLookupTest, WhatHistoryNoLongerHasIsAGap) {
  publish(7);  // 3 to 7 are kept
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  EXPECT_EQ(cluster.subscribe(one, "news:1", 0, Position{1, epoch})->gap, RecoveryGap::trimmed);
  publish(0);
  EXPECT_EQ(cluster.subscribe(two, "news:1", 0, Position{3, epoch})->gap, RecoveryGap::none);
}

TEST_P(PositionLookupTest, MoreThanTheLimitIsAGap) {
  publish(5);
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  const auto told = cluster.subscribe(one, "news:1", 0, Position{0, epoch});
  EXPECT_EQ(told->gap, RecoveryGap::limit);
  EXPECT_FALSE(told->recovered);
  EXPECT_TRUE(told->publications.empty());
  EXPECT_EQ(
      offsets_of(cluster.subscribe(two, "news:1", 0, Position{1, epoch})->publications).size(), 4u);
}

TEST_P(PositionLookupTest, MoreBytesThanFitOneAnswerAreAGap) {
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

TEST_P(PositionLookupTest, ExpiredHistoryIsAGapButTheirPositionIsNot) {
  publish(2);
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  cluster.clock.advance(1min);
  EXPECT_EQ(cluster.subscribe(one, "news:1", 0, Position{1, epoch})->gap, RecoveryGap::trimmed);
  EXPECT_TRUE(cluster.subscribe(two, "news:1", 0, Position{2, epoch})->recovered);
}

TEST_P(PositionLookupTest, OffsetZeroWithoutAnEpochMeansFromTheBeginning) {
  publish(3);
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  EXPECT_EQ(offsets_of(cluster.subscribe(one, "news:1", 0, Position{})->publications),
            (std::vector<std::uint64_t>{1, 2, 3}));
  publish(3);
  EXPECT_EQ(cluster.subscribe(two, "news:1", 0, Position{})->gap, RecoveryGap::trimmed);
}

TEST_P(PositionLookupTest, AWishThatNoHistoryCanFulfilIsTold) {
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

TEST_P(PositionLookupTest, APersonalChannelWithHistoryRecovers) {
  ASSERT_TRUE(cluster.publish("user:ada", "1"));
  const auto position = cluster.publish("user:ada", "2");
  TestSubscriber ada("s1", "ada"), bob("s2", "bob");
  const Joined joined = cluster.join(ada, 0, {{"user:ada", Position{1, position->epoch}}});
  ASSERT_EQ(joined.size(), 2u);
  EXPECT_EQ(offsets_of(joined[1].outcome->publications), (std::vector<std::uint64_t>{2}));
  const Joined bobs = cluster.join(bob, 0, {{"user:ada", Position{1, position->epoch}}});
  EXPECT_EQ(bobs.back().outcome.error(), Error::permission_denied);
  ASSERT_TRUE(cluster.publish("user:ada", "3"));
  EXPECT_EQ(ada.take(), Told{live("user:ada", 3)});
  EXPECT_EQ(bob.take(), Told{});
  EXPECT_EQ(cluster.hub().unsubscribe(ada, "user:ada").error(), Error::permission_denied);
}

TEST_P(PositionLookupTest, AskingForWhatTheServerSubscribedTellsThePositionOfNow) {
  TestSubscriber ada("s1", "ada");
  cluster.join(ada);
  publish(2, "user:ada");
  ada.take();
  EXPECT_EQ(cluster.subscribe(ada, "user:ada")->position, (Position{2, epoch}));
  EXPECT_EQ(cluster.subscribe(ada, "user:ada").error(), Error::already_subscribed);
  publish(1, "user:ada");
  EXPECT_EQ(ada.take(), Told{live("user:ada", 3)});
}

TEST_P(PositionLookupTest, AskingToRecoverWhatTheServerSubscribedDoes) {
  publish(3, "user:ada");
  TestSubscriber ada("s1", "ada");
  cluster.join(ada);
  const auto told = cluster.subscribe(ada, "user:ada", 0, Position{1, epoch});
  EXPECT_TRUE(told->recovered);
  EXPECT_EQ(offsets_of(told->publications), (std::vector<std::uint64_t>{2, 3}));
}

}  // namespace
}  // namespace usher::hub
