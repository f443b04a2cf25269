#include "contract/broker_contract.h"

#include <algorithm>
#include <random>

namespace usher::test {
namespace {

using namespace std::chrono_literals;
using hub::ClientId;
using hub::ClientInfo;
using hub::Owner;
using hub::PresenceStats;
using wire::RecoveryGap;
using Offsets = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BrokerContract);

ClientInfo somebody(const std::string& client, const std::string& user = "") {
  return {.client = client, .user = user, .conn_info = "", .chan_info = ""};
}

// --- publications ---

TEST_P(BrokerContract, WithoutHistoryAPublicationHasNoPosition) {
  subscribe_everywhere("live:1");
  EXPECT_EQ(publish("live:1", "1"), Position{});
  for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
    EXPECT_EQ(take_texts("live:1", shard),
              Texts{R"({"push":{"channel":"live:1","pub":{"data":1}}})"});
  }
}

TEST_P(BrokerContract, OffsetsCountFromOneInOneEpoch) {
  subscribe_everywhere("kept:1");
  const auto first = publish("kept:1", "1", last_shard());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->offset, 1u);
  EXPECT_FALSE(first->epoch.empty());
  EXPECT_EQ(publish("kept:1", "2"), (Position{2, first->epoch}));
  EXPECT_EQ(publish("kept:1", "3", last_shard()), (Position{3, first->epoch}));
  for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
    EXPECT_EQ(take_offsets("kept:1", shard), (Offsets{1, 2, 3}));
  }
}

TEST_P(BrokerContract, APushSaysWhoPublishedAndCarriesDataAndTagsAsTheyCame) {
  subscribe_everywhere("kept:1");
  hub::PublishRequest request{.channel = "kept:1",
                              .data = R"({"n":12345678901234567890123,"x":1.0})"};
  request.tags = R"({"t":"v"})";
  request.info = ClientInfo{.client = "c", .user = "u", .conn_info = "1", .chan_info = ""};
  ASSERT_TRUE(publish(std::move(request)));
  EXPECT_EQ(
      take_texts("kept:1", last_shard()),
      Texts{R"({"push":{"channel":"kept:1","pub":{"data":{"n":12345678901234567890123,"x":1.0},)"
            R"("info":{"user":"u","client":"c","conn_info":1},"offset":1,"tags":{"t":"v"}}}})"});
  const auto page = history("kept:1");
  ASSERT_EQ(page->publications.size(), 1u);
  EXPECT_EQ(page->publications[0]->data, R"({"n":12345678901234567890123,"x":1.0})");
  EXPECT_EQ(page->publications[0]->tags, R"({"t":"v"})");
  ASSERT_NE(page->publications[0]->info, nullptr);
  EXPECT_EQ(page->publications[0]->info->conn_info, "1");
}

TEST_P(BrokerContract, PersonalChannelsAreDeliveredToo) {
  for (const auto* channel : {"session:s 1", "user:ada"}) {
    EXPECT_TRUE(subscribe(channel, last_shard()));
    EXPECT_EQ(publish(channel, "1"), Position{});
    EXPECT_EQ(take_offsets(channel, last_shard()), Offsets{0});
  }
}

TEST_P(BrokerContract, WhatNoRuleKnowsIsUnknown) {
  for (const std::string channel : {"nosuch:1", "live:\n", "", "live:"}) {
    EXPECT_EQ(publish(channel, "1").error(), Error::unknown_channel) << channel;
    EXPECT_EQ(history(channel).error(), Error::unknown_channel) << channel;
    EXPECT_EQ(presence(channel).error(), Error::unknown_channel) << channel;
    EXPECT_EQ(presence_stats(channel).error(), Error::unknown_channel) << channel;
    EXPECT_EQ(bind(channel, Owner{"s", ""}).error(), Error::unknown_channel) << channel;
    EXPECT_EQ(subscribe(channel, 0).error(), Error::unknown_channel) << channel;
  }
}

TEST_P(BrokerContract, LiveOnlyPublicationsHaveNoOffsetAndAreNotKept) {
  subscribe_everywhere("kept:1");
  ASSERT_TRUE(publish("kept:1", "1"));
  hub::PublishRequest request{.channel = "kept:1", .data = "2"};
  request.skip_history = true;
  EXPECT_EQ(publish(std::move(request)), Position{});
  EXPECT_EQ(take_offsets("kept:1", 0), (Offsets{1, 0}));
  EXPECT_EQ(history("kept:1")->position.offset, 1u);
}

TEST_P(BrokerContract, EveryShardSeesTheSameOrder) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    start(seed);
    std::mt19937_64 random(seed);
    subscribe_everywhere("kept:1");
    subscribe_everywhere("live:1");
    for (int i = 0; i < 40; ++i) {
      const std::string data = std::to_string(i);
      broker(random() % 8).publish({.channel = "kept:1", .data = data}, [](auto told) {
        EXPECT_TRUE(told);
      });
      broker(random() % 8).publish({.channel = "live:1", .data = data}, [](auto told) {
        EXPECT_TRUE(told);
      });
      for (auto n = random() % 6; n > 0; --n) harness->step();
    }
    harness->settle();
    const auto live = take_texts("live:1", 0);
    EXPECT_EQ(live.size(), 40u);
    Offsets all;
    for (std::uint64_t offset = 1; offset <= 40; ++offset) all.push_back(offset);
    EXPECT_EQ(take_offsets("kept:1", 0), all);
    for (std::size_t shard = 1; shard <= last_shard(); ++shard) {
      EXPECT_EQ(take_texts("live:1", shard), live);
      EXPECT_EQ(take_offsets("kept:1", shard), all);
    }
  }
}

TEST_P(BrokerContract, HistoryAndWhatIsDeliveredHaveNoGapBetween) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    start(seed);
    std::mt19937_64 random(seed);
    const std::size_t shard = random() % harness->shards();
    std::optional<std::uint64_t> top;
    const int subscribe_at = static_cast<int>(random() % 20);
    for (int i = 0; i < 25; ++i) {
      broker(random() % 8).publish({.channel = "kept:1", .data = "1"}, [](auto told) {
        EXPECT_TRUE(told);
      });
      if (i == subscribe_at) {
        broker(shard).subscribe("kept:1", [&, shard](auto told) {
          EXPECT_TRUE(told);
          broker(shard).history("kept:1", {.limit = 0},
                                [&](auto page) { top = page->position.offset; });
        });
      }
      for (auto n = random() % 4; n > 0; --n) harness->step();
    }
    harness->settle();
    ASSERT_TRUE(top);
    const Offsets delivered = take_offsets("kept:1", shard);
    for (std::uint64_t offset = *top + 1; offset <= 25; ++offset) {
      EXPECT_EQ(std::count(delivered.begin(), delivered.end(), offset), 1) << offset;
    }
    EXPECT_TRUE(std::is_sorted(delivered.begin(), delivered.end()));
  }
}

// --- history ---

TEST_P(BrokerContract, HistoryGivesPartsFromEitherEnd) {
  std::string epoch;
  for (int i = 1; i <= 5; ++i) epoch = publish("kept:1", std::to_string(i))->epoch;
  const auto parts = [&](hub::HistoryQuery query) {
    return offsets(history("kept:1", std::move(query), last_shard())->publications);
  };
  EXPECT_EQ(parts({}), (Offsets{1, 2, 3, 4, 5}));
  EXPECT_EQ(parts({.limit = 0}), Offsets{});
  EXPECT_EQ(parts({.limit = 2}), (Offsets{1, 2}));
  EXPECT_EQ(parts({.limit = 2, .since = Position{2, epoch}}), (Offsets{3, 4}));
  EXPECT_EQ(parts({.since = Position{5, epoch}}), Offsets{});
  EXPECT_EQ(parts({.limit = 2, .reverse = true}), (Offsets{5, 4}));
  EXPECT_EQ(parts({.since = Position{3, epoch}, .reverse = true}), (Offsets{2, 1}));
  EXPECT_TRUE(history("kept:1", {.limit = 4})->more);
  EXPECT_FALSE(history("kept:1", {.limit = 5})->more);
  EXPECT_EQ(history("kept:1", {.limit = 0})->position, (Position{5, epoch}));
}

TEST_P(BrokerContract, HistoryKeepsTheNewestAndSaysWhatIsGone) {
  std::string epoch;
  for (int i = 1; i <= 7; ++i) epoch = publish("kept:1", std::to_string(i))->epoch;
  EXPECT_EQ(offsets(history("kept:1")->publications), (Offsets{3, 4, 5, 6, 7}));
  EXPECT_EQ(history("kept:1", {.since = Position{1, epoch}})->gap, RecoveryGap::trimmed);
  EXPECT_EQ(history("kept:1", {.since = Position{2, epoch}})->gap, RecoveryGap::none);
  EXPECT_EQ(history("kept:1", {.since = Position{2, "x"}})->gap, RecoveryGap::epoch_changed);
  EXPECT_TRUE(history("kept:1", {.since = Position{2, "x"}})->publications.empty());
  EXPECT_EQ(history("kept:1", {.since = Position{8, epoch}})->gap, RecoveryGap::epoch_changed);
}

TEST_P(BrokerContract, PublicationsExpireAndThePositionStays) {
  subscribe_everywhere("kept:1");
  const Position first = *publish("kept:1", "1");
  harness->advance(30s);
  const Position second = *publish("kept:1", "2");
  harness->advance(30s - harness->resolution());
  EXPECT_EQ(offsets(history("kept:1")->publications), (Offsets{1, 2}));
  harness->advance(harness->resolution());
  EXPECT_EQ(offsets(history("kept:1")->publications), Offsets{2});
  harness->advance(30s);
  const auto page = history("kept:1", {.since = second});
  EXPECT_TRUE(page->publications.empty());
  EXPECT_EQ(page->gap, RecoveryGap::none);
  EXPECT_EQ(page->position, second);
  EXPECT_EQ(history("kept:1", {.since = first})->gap, RecoveryGap::trimmed);
  EXPECT_EQ(publish("kept:1", "3"), (Position{3, first.epoch}));
}

TEST_P(BrokerContract, RemovedHistoryIsGoneButThePositionStays) {
  const Position before = *publish("kept:1", "1");
  EXPECT_TRUE(ask<void>(
      [&](auto done) { broker(last_shard()).history_remove("kept:1", std::move(done)); }));
  EXPECT_TRUE(history("kept:1")->publications.empty());
  EXPECT_EQ(history("kept:1")->position, before);
  EXPECT_EQ(publish("kept:1", "2"), (Position{2, before.epoch}));
  EXPECT_TRUE(
      ask<void>([&](auto done) { broker().history_remove("kept:never", std::move(done)); }));
}

TEST_P(BrokerContract, HistoryIsNotAvailableWhereNoneIsKept) {
  EXPECT_EQ(history("live:1").error(), Error::not_available);
  EXPECT_EQ(
      ask<void>([&](auto done) { broker().history_remove("live:1", std::move(done)); }).error(),
      Error::not_available);
  EXPECT_EQ(history("session:s1").error(), Error::not_available);
}

TEST_P(BrokerContract, AChannelThatWasNeverUsedHasAPosition) {
  const auto page = history("kept:new");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->position.offset, 0u);
  EXPECT_FALSE(page->position.epoch.empty());
  EXPECT_EQ(publish("kept:new", "1"), (Position{1, page->position.epoch}));
}

// --- idempotency ---

TEST_P(BrokerContract, TheSameKeyPublishesOnce) {
  for (const std::string channel : {"kept:1", "live:1"}) {
    subscribe_everywhere(channel);
    const auto once = [&](const std::string& key, std::size_t shard) {
      hub::PublishRequest request{.channel = channel, .data = "1"};
      request.idempotency_key = key;
      return publish(std::move(request), shard);
    };
    const auto first = once("k", 0);
    ASSERT_TRUE(first);
    EXPECT_EQ(once("k", last_shard()), first);
    EXPECT_EQ(take_offsets(channel, 0).size(), 1u);
    EXPECT_TRUE(once("l", 0));
    EXPECT_EQ(take_offsets(channel, 0).size(), 1u);
    harness->advance(5min - harness->resolution());
    EXPECT_EQ(once("k", 0), first);
    EXPECT_EQ(take_offsets(channel, 0).size(), 0u);
    harness->advance(harness->resolution());
    EXPECT_TRUE(once("k", 0));
    EXPECT_EQ(take_offsets(channel, 0).size(), 1u);
  }
}

TEST_P(BrokerContract, OneKeyAskedFromEverywhereAtOncePublishesOnce) {
  subscribe_everywhere("kept:1");
  std::vector<Waiting<Position>> asked(8);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    hub::PublishRequest request{.channel = "kept:1", .data = "1"};
    request.idempotency_key = "k";
    broker(i).publish(std::move(request), asked[i].handler());
    if (i % 3 == 0) harness->step();
  }
  harness->settle();
  for (const auto& one : asked) EXPECT_EQ(one.get()->offset, 1u);
  EXPECT_EQ(take_offsets("kept:1", last_shard()), Offsets{1});
}

// --- presence ---

TEST_P(BrokerContract, PresenceListsWhoEnteredFromAnyShard) {
  ASSERT_TRUE(enter("room:1", somebody("a", "ada"), 0));
  ASSERT_TRUE(enter("room:1", somebody("b", "ada"), last_shard()));
  ASSERT_TRUE(
      enter("room:1", {.client = "c", .user = "", .conn_info = R"({"x":1})", .chan_info = ""}, 0));
  auto present = *presence("room:1", last_shard());
  std::sort(present.begin(), present.end(),
            [](const auto& a, const auto& b) { return a.client < b.client; });
  ASSERT_EQ(present.size(), 3u);
  EXPECT_EQ(present[0], somebody("a", "ada"));
  EXPECT_EQ(present[2].conn_info, R"({"x":1})");
  EXPECT_EQ(presence_stats("room:1"), (PresenceStats{3, 2}));
  leave("room:1", somebody("b", "ada"), last_shard());
  EXPECT_EQ(presence_stats("room:1"), (PresenceStats{2, 2}));
  EXPECT_EQ(presence_stats("room:2"), (PresenceStats{0, 0}));
  EXPECT_EQ(presence("room:2")->size(), 0u);
}

TEST_P(BrokerContract, EnteringAgainReplacesTheEntryAndTellsNobody) {
  subscribe_everywhere("room:1");
  ASSERT_TRUE(enter("room:1", somebody("a")));
  ASSERT_TRUE(enter("room:1", somebody("a", "ada")));
  EXPECT_EQ(presence("room:1")->at(0), somebody("a", "ada"));
  EXPECT_EQ(take_texts("room:1", last_shard()),
            Texts{R"({"push":{"channel":"room:1","join":{"info":{"user":"","client":"a"}}}})"});
  leave("room:1", somebody("a", "ada"));
  leave("room:1", somebody("a", "ada"));
  EXPECT_EQ(take_texts("room:1", last_shard()),
            Texts{R"({"push":{"channel":"room:1","leave":{"info":{"user":"ada","client":"a"}}}})"});
}

TEST_P(BrokerContract, PresenceAndJoinLeaveAreEachOnTheirOwn) {
  subscribe_everywhere("hall:1");
  subscribe_everywhere("door:1");
  subscribe_everywhere("live:1");
  for (const std::string channel : {"hall:1", "door:1", "live:1"}) {
    EXPECT_TRUE(enter(channel, somebody("a")));
  }
  EXPECT_EQ(presence("hall:1")->size(), 1u);
  EXPECT_EQ(presence("door:1").error(), Error::not_available);
  EXPECT_EQ(presence_stats("live:1").error(), Error::not_available);
  EXPECT_EQ(take_offsets("hall:1", 0), Offsets{});
  EXPECT_EQ(take_offsets("door:1", 0), Offsets{0});
  EXPECT_EQ(take_offsets("live:1", 0), Offsets{});
}

// --- owners ---

TEST_P(BrokerContract, ABindingIsKnownEverywhereUntilItsTtl) {
  EXPECT_EQ(*owner("job:1", last_shard()), std::nullopt);
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}, 10s));
  EXPECT_EQ(*owner("job:1", last_shard()), (Owner{"s1", ""}));
  for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
    ASSERT_EQ(sink(shard).bound.size(), 1u);
    EXPECT_EQ(sink(shard).bound[0], (std::pair<std::string, Owner>("job:1", {"s1", ""})));
  }
  harness->advance(10s - harness->resolution());
  EXPECT_NE(*owner("job:1"), std::nullopt);
  harness->advance(harness->resolution());
  EXPECT_EQ(*owner("job:1"), std::nullopt);
}

TEST_P(BrokerContract, ASecondBindingReplacesTheFirst) {
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}));
  EXPECT_TRUE(bind("job:1", Owner{"", "ada"}, 1h, last_shard()));
  EXPECT_EQ(*owner("job:1"), (Owner{"", "ada"}));
  EXPECT_EQ(sink(0).bound.size(), 2u);
}

TEST_P(BrokerContract, ANewOwnerGetsNothingThatWasPublishedForAnother) {
  ASSERT_TRUE(publish("job:1", "1"));
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}, 10s));
  ASSERT_TRUE(publish("job:1", "2"));
  EXPECT_TRUE(bind("job:1", Owner{"s1", ""}, 10s));
  EXPECT_EQ(offsets(history("job:1")->publications), (Offsets{1, 2})) << "still the same owner";
  harness->advance(10s);
  ASSERT_TRUE(publish("job:1", "3"));
  EXPECT_TRUE(bind("job:1", Owner{"s2", ""}));
  EXPECT_EQ(offsets(history("job:1")->publications), Offsets{});
  ASSERT_TRUE(publish("job:1", "4"));
  EXPECT_EQ(offsets(history("job:1")->publications), Offsets{4});
}

TEST_P(BrokerContract, ABindingNamesExactlyOneOwnerAndATime) {
  EXPECT_EQ(bind("job:1", Owner{"", ""}).error(), Error::bad_request);
  EXPECT_EQ(bind("job:1", Owner{"s1", "ada"}).error(), Error::bad_request);
  EXPECT_EQ(bind("job:1", Owner{"s1", ""}, 0s).error(), Error::bad_request);
  EXPECT_EQ(*owner("job:1"), std::nullopt);
}

TEST_P(BrokerContract, OnlyOwnerNamespacesAreBound) {
  EXPECT_EQ(bind("live:1", Owner{"s1", ""}).error(), Error::not_available);
  EXPECT_EQ(bind("user:ada", Owner{"s1", ""}).error(), Error::not_available);
  EXPECT_EQ(sink(0).bound.size(), 0u);
}

TEST_P(BrokerContract, EveryShardHearsOfABindingBeforeWhatIsPublishedAfterIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    start(seed);
    subscribe_everywhere("job:1");
    broker(seed).bind("job:1", Owner{"s1", ""}, 1h, [&](auto told) {
      EXPECT_TRUE(told);
      broker(seed).publish({.channel = "job:1", .data = "1"}, [](auto) {});
    });
    harness->settle();
    for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
      EXPECT_EQ(sink(shard).events, (Texts{"bound job:1", "delivery job:1"}));
    }
  }
}

// --- connections ---

TEST_P(BrokerContract, TheOldestOfTooManyConnectionsIsNamedToItsShard) {
  static_assert(kContractSessionMax == 2 && kContractUserMax == 3);
  const auto connect = [&](std::uint64_t client, const char* session, const char* user,
                           std::size_t shard) {
    broker(shard).connected({client}, session, user);
    harness->settle();
  };
  const auto named = [&] {
    std::vector<ClientId> all;
    for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
      auto& there = sink(shard).over_limit;
      all.insert(all.end(), there.begin(), there.end());
      there.clear();
    }
    return all;
  };
  connect(1, "s1", "ada", last_shard());
  connect(2, "s1", "ada", 0);
  EXPECT_EQ(named(), std::vector<ClientId>{});
  broker(0).connected({3}, "s1", "");
  harness->settle();
  EXPECT_EQ(sink(last_shard()).over_limit, std::vector<ClientId>{{1}});
  EXPECT_EQ(named(), std::vector<ClientId>{{1}});
  broker(last_shard()).disconnected({1}, "s1", "ada");
  harness->settle();

  connect(4, "s2", "ada", 0);
  connect(5, "s3", "ada", last_shard());
  EXPECT_EQ(named(), std::vector<ClientId>{});
  connect(6, "s4", "ada", 0);
  EXPECT_EQ(named(), std::vector<ClientId>{{2}});
  connect(7, "s5", "", 0);
  connect(8, "s6", "", 0);
  EXPECT_EQ(named(), std::vector<ClientId>{}) << "guests are not one user";
}

// --- commands ---

TEST_P(BrokerContract, ACommandReachesEveryShardOnceAndTheAnswersAreAddedUp) {
  for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
    sink(shard).answer.connections = shard + 1;
    sink(shard).answer.channels = {{"all", 1}, {"only" + std::to_string(shard), 2}};
    sink(shard).answer.info.clients = 10;
    sink(shard).answer.channel_hashes = {7, shard};
  }
  const auto answer = ask<hub::CommandAnswer>(
      [&](auto done) { broker(last_shard()).command(hub::InfoQuery{}, std::move(done)); });
  ASSERT_TRUE(answer);
  const std::size_t shards = harness->shards();
  EXPECT_EQ(answer->connections, shards * (shards + 1) / 2);
  EXPECT_EQ(answer->channels.at("all"), shards);
  EXPECT_EQ(answer->channels.size(), shards + 1);
  EXPECT_EQ(answer->info.clients, 10 * shards);
  EXPECT_EQ(answer->info.channels, shards + 1) << "distinct";
  for (std::size_t shard = 0; shard <= last_shard(); ++shard)
    EXPECT_EQ(sink(shard).commands.size(), 1u);

  broker(0).connected({1}, "s1", "ada");
  broker(last_shard()).connected({2}, "s1", "ada");
  broker(0).connected({3}, "s2", "");
  harness->settle();
  const auto info = ask<hub::CommandAnswer>(
      [&](auto done) { broker().command(hub::InfoQuery{}, std::move(done)); });
  EXPECT_EQ(info->info.sessions, 2u);
  EXPECT_EQ(info->info.users, 1u);
}

}  // namespace
}  // namespace usher::test
