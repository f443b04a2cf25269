// What subscribers get in namespaces with `recovery_mode`, `unrecoverable` and `positioned`.
#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using wire::RecoveryGap;

NamespaceOptions kept(std::string name) {
  return {.name = std::move(name),
          .subscribe = Audience::anyone,
          .history_size = 3,
          .history_ttl = 1min};
}

ChannelRulesOptions mode_rules() {
  NamespaceOptions cache = kept("cache");
  cache.recovery = true;
  cache.recovery_mode = RecoveryMode::cache;
  NamespaceOptions strict = kept("strict");
  strict.recovery = true;
  strict.unrecoverable = Unrecoverable::refuse;
  NamespaceOptions lenient = kept("lenient");
  lenient.recovery = true;
  NamespaceOptions placed = kept("placed");
  placed.positioned = true;
  NamespaceOptions owned = cache;
  owned.name = "owned";
  owned.subscribe = Audience::owner;
  return {.namespaces = {cache, strict, lenient, placed, owned}};
}

// The parameter is the number of shards.
class RecoveryModesTest : public testing::TestWithParam<std::size_t> {
 protected:
  Position publish(const std::string& channel, int count = 1) {
    Position position;
    for (int i = 0; i < count; ++i)
      position = *cluster.publish(channel, std::to_string(++published));
    return position;
  }
  SubscribeOutcome subscribe(TestSubscriber& who, SubscribeWish wish) {
    std::optional<SubscribeOutcome> outcome;
    cluster.hub().subscribe(who, std::move(wish),
                            [&](SubscribeOutcome told) { outcome = std::move(told); });
    cluster.mail.run_all();
    return outcome.value();
  }
  void SetUp() override { cluster.join(one); }

  HubCluster cluster{mode_rules(), GetParam(), 1, {.recovery_bytes_max = 400, .held_back_max = 3}};
  TestSubscriber one{"s1", "ada"};
  int published = 0;
};

INSTANTIATE_TEST_SUITE_P(Shards, RecoveryModesTest, testing::Values(1, 3));

TEST_P(RecoveryModesTest, ANewSubscriberOfACacheGetsTheNewestPublication) {
  const Position newest = publish("cache:1", 2);
  const auto outcome = cluster.subscribe(one, "cache:1");
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->recoverable);
  EXPECT_TRUE(outcome->positioned);
  EXPECT_TRUE(outcome->was_recovering);
  EXPECT_TRUE(outcome->recovered);
  EXPECT_EQ(outcome->position, newest);
  EXPECT_EQ(offsets_of(outcome->publications), (std::vector<std::uint64_t>{2}));
  publish("cache:1");
  EXPECT_EQ(one.take(), Told{live("cache:1", 3)});
  EXPECT_EQ(cluster.hubs[0]->stats().recovered, 0u) << "it was not here before";
}

TEST_P(RecoveryModesTest, AClientThatComesBackToACacheGetsTheNewestUnlessItHasIt) {
  const Position seen = publish("cache:1");
  const Position newest = publish("cache:1", 5);  // more than are kept
  auto outcome = cluster.subscribe(one, "cache:1", 0, seen);
  EXPECT_TRUE(outcome->recovered);
  EXPECT_EQ(outcome->gap, RecoveryGap::none);
  EXPECT_EQ(offsets_of(outcome->publications), (std::vector<std::uint64_t>{6}));
  ASSERT_TRUE(cluster.hub().unsubscribe(one, "cache:1"));
  outcome = cluster.subscribe(one, "cache:1", 0, newest);
  EXPECT_TRUE(outcome->recovered);
  EXPECT_TRUE(outcome->publications.empty());
  ASSERT_TRUE(cluster.hub().unsubscribe(one, "cache:1"));
  outcome = cluster.subscribe(one, "cache:1", 0, Position{6, "another"});
  EXPECT_TRUE(outcome->recovered) << "the newest is all that counts";
  EXPECT_EQ(offsets_of(outcome->publications), (std::vector<std::uint64_t>{6}));
}

TEST_P(RecoveryModesTest, AnEmptyCacheIsNotRecoveredAndThatIsALossForThoseAloneWhoHadSomething) {
  auto outcome = cluster.subscribe(one, "cache:1");
  EXPECT_TRUE(outcome->was_recovering);
  EXPECT_FALSE(outcome->recovered);
  EXPECT_EQ(outcome->gap, RecoveryGap::none);
  EXPECT_EQ(cluster.hubs[0]->stats().not_recovered, 0u);
  ASSERT_TRUE(cluster.hub().unsubscribe(one, "cache:1"));
  const Position seen = publish("cache:1");
  publish("cache:1");
  cluster.clock.advance(61s);
  cluster.tick();
  outcome = cluster.subscribe(one, "cache:1", 0, seen);
  EXPECT_FALSE(outcome->recovered);
  EXPECT_EQ(outcome->gap, RecoveryGap::trimmed);
  EXPECT_EQ(cluster.hubs[0]->stats().not_recovered, 1u);
}

TEST_P(RecoveryModesTest, ACacheComesWithTheConnectionAndOnceMoreWithTheCommand) {
  publish("cache:1", 2);
  TestSubscriber granted("s2", "", {"cache:1"});
  const Joined joined = cluster.join(granted);
  EXPECT_EQ(offsets_of(joined.back().outcome->publications), (std::vector<std::uint64_t>{2}));
  const auto outcome = cluster.subscribe(granted, "cache:1");
  EXPECT_TRUE(outcome->recovered);
  EXPECT_EQ(offsets_of(outcome->publications), (std::vector<std::uint64_t>{2}));
}

TEST_P(RecoveryModesTest, ANewOwnerOfACacheGetsTheNewestAlone) {
  publish("owned:1", 3);
  ASSERT_TRUE(cluster.bind("owned:1", {.session = "", .user = "ada"}));
  const auto outcome = cluster.subscribe(one, "owned:1");
  EXPECT_EQ(offsets_of(outcome->publications), (std::vector<std::uint64_t>{3}));
}

TEST_P(RecoveryModesTest, ThePushOfACachedSubscriptionIsFollowedByTheNewest) {
  publish("cache:1", 2);
  cluster.order(SubscribeOrder{.target = {.user = "ada"}, .channel = "cache:1"});
  const Told told = one.take();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find(R"("recovered":true,"offset":1,)"), std::string::npos) << told[0];
  EXPECT_TRUE(told[0].ends_with('\n' + live("cache:1", 2))) << told[0];
}

TEST_P(RecoveryModesTest, ANewestThatDoesNotFitIsAGap) {
  const std::string big = '"' + std::string(500, 'x') + '"';
  ASSERT_TRUE(cluster.publish("cache:1", big));
  const auto outcome = cluster.subscribe(one, "cache:1");
  EXPECT_FALSE(outcome->recovered);
  EXPECT_EQ(outcome->gap, RecoveryGap::limit);
}

TEST_P(RecoveryModesTest, WherePositionsAreRefusedAGapIsAnErrorAndNoSubscription) {
  const Position seen = publish("strict:1");
  publish("strict:1", 4);
  EXPECT_EQ(cluster.subscribe(one, "strict:1", 0, seen).error(), Error::unrecoverable_position);
  EXPECT_EQ(cluster.hubs[0]->subscriptions(), 0u);
  EXPECT_EQ(cluster.hubs[0]->stats().not_recovered, 1u);
  publish("strict:1");
  EXPECT_EQ(one.take(), Told{});
  const auto again = cluster.subscribe(one, "strict:1");
  ASSERT_TRUE(again) << "a client without a position has no gap";
  EXPECT_TRUE(again->recoverable);
  ASSERT_TRUE(cluster.hub().unsubscribe(one, "strict:1"));
  const Position later = publish("strict:1");
  publish("strict:1");
  EXPECT_TRUE(cluster.subscribe(one, "strict:1", 0, later)->recovered);
}

TEST_P(RecoveryModesTest, AClientMayAskForTheErrorItself) {
  const Position seen = publish("lenient:1");
  publish("lenient:1", 4);
  EXPECT_EQ(
      subscribe(one, {.channel = "lenient:1", .recover_since = seen, .refuse_unrecovered = true})
          .error(),
      Error::unrecoverable_position);
  EXPECT_EQ(subscribe(one, {.channel = "lenient:1", .recover_since = seen})->gap,
            RecoveryGap::trimmed);
  TestSubscriber two("s2");
  const Joined joined = cluster.join(
      two, 0, {{.channel = "lenient:1", .recover_since = seen, .refuse_unrecovered = true}});
  EXPECT_EQ(joined.back().outcome.error(), Error::unrecoverable_position);
}

// As in Centrifugo: where nothing can be recovered, and where the newest is all that counts, the
// client's wish has no meaning, and an error would never end.
TEST_P(RecoveryModesTest, TheWishForTheErrorMeansNothingWithoutAStreamToRecover) {
  publish("placed:1", 2);
  publish("cache:1", 5);
  const auto placed = subscribe(
      one,
      {.channel = "placed:1", .recover_since = Position{1, "other"}, .refuse_unrecovered = true});
  ASSERT_TRUE(placed);
  EXPECT_FALSE(placed->recovered);
  const auto cache = subscribe(
      one,
      {.channel = "cache:1", .recover_since = Position{1, "other"}, .refuse_unrecovered = true});
  ASSERT_TRUE(cache);
  EXPECT_TRUE(cache->recovered);
}

TEST_P(RecoveryModesTest, TheSubscriptionOfATokenIsNeverRefused) {
  const Position seen = publish("strict:1");
  publish("strict:1", 4);
  TestSubscriber granted("s2", "", {"strict:1"});
  const Joined joined = cluster.join(granted, 0, {{.channel = "strict:1", .recover_since = seen}});
  ASSERT_TRUE(joined.back().outcome);
  EXPECT_EQ(joined.back().outcome->gap, RecoveryGap::trimmed);
}

TEST_P(RecoveryModesTest, ARefusedCommandLeavesTheTokensSubscriptionAndMayBeRepeated) {
  const Position seen = publish("strict:1");
  publish("strict:1", 4);
  TestSubscriber granted("s2", "", {"strict:1"});
  cluster.join(granted);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(cluster.subscribe(granted, "strict:1", 0, seen).error(),
              Error::unrecoverable_position);
  }
  EXPECT_TRUE(cluster.subscribe(granted, "strict:1"));
  publish("strict:1");
  EXPECT_EQ(granted.take(), Told{live("strict:1", 6)});
}

TEST_P(RecoveryModesTest, PositionedSubscribersLearnTheirPositionAndRecoverNothing) {
  const Position seen = publish("placed:1", 2);
  const auto outcome = cluster.subscribe(one, "placed:1");
  EXPECT_TRUE(outcome->positioned);
  EXPECT_FALSE(outcome->recoverable);
  EXPECT_FALSE(outcome->was_recovering);
  EXPECT_EQ(outcome->position, seen);
  ASSERT_TRUE(cluster.hub().unsubscribe(one, "placed:1"));
  publish("placed:1");
  const auto again = cluster.subscribe(one, "placed:1", 0, seen);
  EXPECT_TRUE(again->positioned);
  EXPECT_TRUE(again->was_recovering);
  EXPECT_FALSE(again->recovered);
  EXPECT_TRUE(again->publications.empty());
  EXPECT_EQ(again->position.offset, 3u);
}

TEST_P(RecoveryModesTest, ThePositionIsKnownToAClientThatComesAfterTheToken) {
  const Position seen = publish("placed:1", 2);
  TestSubscriber granted("s2", "", {"placed:1"});
  const Joined joined = cluster.join(granted);
  EXPECT_TRUE(joined.back().outcome->positioned);
  const auto outcome = cluster.subscribe(granted, "placed:1");
  EXPECT_TRUE(outcome->positioned);
  EXPECT_FALSE(outcome->recoverable);
  EXPECT_EQ(outcome->position, seen);
}

TEST_P(RecoveryModesTest, LostDeliveriesEndPositionedSubscriptions) {
  publish("placed:1", 2);
  ASSERT_TRUE(cluster.subscribe(one, "placed:1"));
  cluster.hub().on_deliveries_lost("placed:1");
  cluster.mail.run_all();
  EXPECT_EQ(
      one.take(),
      Told{R"({"push":{"channel":"placed:1","unsubscribe":{"code":2500,"reason":"insufficient )"
           R"(state"}}})"});
  EXPECT_EQ(cluster.hubs[0]->subscriptions(), 0u);
}

// An operation with two channels: one is answered and flooded while the other is awaited.
class FloodedTest : public RecoveryModesTest {
 protected:
  // Returns a channel whose home is, or is not, shard 0.
  std::string channel_at(const std::string& prefix, bool near) {
    for (int i = 0;; ++i) {
      const std::string channel = prefix + std::to_string(i);
      bool answered = false;
      cluster.broker().history(channel, {}, [&](auto) { answered = true; });
      const bool is_near = answered;
      cluster.mail.run_all();
      if (is_near == near) return channel;
    }
  }
  // Joins, floods `channel` while the join is under way, and returns the outcome of `channel`.
  SubscribeOutcome join_and_flood(TestSubscriber& who, const std::string& channel, Position since) {
    std::optional<Joined> joined;
    who.leave = [&] { cluster.hub().leave(who); };
    cluster.hub().join(who, {{channel, std::move(since)}, {channel_at("lenient:far", false)}},
                       [&](Joined told) { joined = std::move(told); });
    EXPECT_FALSE(joined);
    for (int i = 0; i < 5; ++i) {  // held_back_max is 3
      cluster.broker(0).publish({.channel = channel, .data = "0"}, [](auto) {});
    }
    cluster.mail.run_all();
    return std::move((*joined)[1].outcome);
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, FloodedTest, testing::Values(2));

TEST_P(FloodedTest, ARefusalThatIsKnownOnlyWhileItsAnswerWaitsEndsTheSubscription) {
  const std::string channel = channel_at("strict:near", true);
  const Position seen = publish(channel);
  TestSubscriber two("s2");
  EXPECT_EQ(join_and_flood(two, channel, seen).error(), Error::unrecoverable_position);
  EXPECT_EQ(two.take(), Told{});
  EXPECT_EQ(cluster.hubs[0]->subscriptions(), 1u) << "the other channel's";
  EXPECT_TRUE(cluster.subscribe(two, channel));
}

TEST_P(FloodedTest, OfACacheNothingIsMissingAsLongAsTheNewestComes) {
  const std::string channel = channel_at("cache:near", true);
  const Position seen = publish(channel);
  TestSubscriber two("s2");
  const SubscribeOutcome outcome = join_and_flood(two, channel, seen);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->recovered);
  EXPECT_TRUE(outcome->publications.empty());
  const Told told = two.take();
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told.back().find(R"("offset":6)"), std::string::npos);
}

}  // namespace
}  // namespace usher::hub
