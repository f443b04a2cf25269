// What a broker promises of publications: their order, their positions, and that each is made once.
#include <algorithm>
#include <limits>
#include <random>

#include "contract/broker_contract.h"

namespace usher::test {
namespace {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BrokerContract);

using namespace std::chrono_literals;
using hub::ClientInfo;
using hub::Owner;
using Offsets = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

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

// --- versions ---

hub::PublishRequest versioned(std::uint64_t version, std::string epoch = {}) {
  return {.channel = "kept:1", .data = "1", .version = version, .version_epoch = std::move(epoch)};
}

TEST_P(BrokerContract, OnlyANewerVersionIsPublished) {
  ASSERT_TRUE(subscribe("kept:1", last_shard()));
  const auto first = publish(versioned(5));
  ASSERT_TRUE(first);
  EXPECT_EQ(publish(versioned(5), last_shard()), first) << "the same";
  EXPECT_EQ(publish(versioned(4)), first) << "an older one";
  EXPECT_EQ(take_offsets("kept:1", last_shard()), Offsets{1});
  EXPECT_EQ(publish(versioned(6), last_shard())->offset, 2u);
  EXPECT_EQ(publish("kept:1", "2")->offset, 3u) << "without a version it is always published";
  EXPECT_EQ(publish(versioned(6))->offset, 3u) << "and the last version stays";
  EXPECT_EQ(take_offsets("kept:1", last_shard()), (Offsets{2, 3}));
}

TEST_P(BrokerContract, VersionsAreComparedInAllTheirBits) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(publish(versioned(9))->offset, 1u);
  EXPECT_EQ(publish(versioned(10))->offset, 2u) << "not as text";
  EXPECT_EQ(publish(versioned((std::uint64_t{1} << 53) + 1))->offset, 3u);
  EXPECT_EQ(publish(versioned(std::uint64_t{1} << 53))->offset, 3u) << "not as a double";
  EXPECT_EQ(publish(versioned(kMost - 1))->offset, 4u);
  EXPECT_EQ(publish(versioned(kMost))->offset, 5u);
  EXPECT_EQ(publish(versioned(kMost))->offset, 5u);
}

TEST_P(BrokerContract, VersionsOfAnotherEpochBeginAnew) {
  EXPECT_EQ(publish(versioned(5, "a"))->offset, 1u);
  EXPECT_EQ(publish(versioned(3, "b"))->offset, 2u);
  EXPECT_EQ(publish(versioned(3, "b"))->offset, 2u);
  EXPECT_EQ(publish(versioned(3))->offset, 2u) << "no epoch: compared with whichever was last";
  EXPECT_EQ(publish(versioned(4))->offset, 3u);
  EXPECT_EQ(publish(versioned(1, "a"))->offset, 4u) << "only the last epoch is known";
}

TEST_P(BrokerContract, VersionsBelongToTheirChannelAndOutliveItsPublications) {
  EXPECT_EQ(publish(versioned(5))->offset, 1u);
  auto elsewhere = versioned(1);
  elsewhere.channel = "kept:2";
  EXPECT_EQ(publish(std::move(elsewhere))->offset, 1u);
  ASSERT_TRUE(ask<void>([&](auto done) { broker().history_remove("kept:1", std::move(done)); }));
  EXPECT_EQ(publish(versioned(5))->offset, 1u);
  harness->advance(61s);
  EXPECT_EQ(publish(versioned(5))->offset, 1u);
  EXPECT_EQ(publish(versioned(6))->offset, 2u);
}

TEST_P(BrokerContract, AVersionNeedsAHistory) {
  auto live = versioned(1);
  live.channel = "live:1";
  EXPECT_EQ(publish(std::move(live)), Error::not_available);
  auto skips = versioned(1);
  skips.skip_history = true;
  EXPECT_EQ(publish(std::move(skips)), Error::not_available);
}

TEST_P(BrokerContract, AKeyIsLookedUpBeforeTheVersion) {
  const auto once = [&](std::uint64_t version) {
    auto request = versioned(version);
    request.idempotency_key = "k";
    return publish(std::move(request));
  };
  EXPECT_EQ(once(1)->offset, 1u);
  EXPECT_EQ(once(2)->offset, 1u);
  EXPECT_EQ(publish(versioned(2))->offset, 2u) << "the version of a repeated key is not taken";
}

TEST_P(BrokerContract, OneVersionAskedFromEverywhereAtOncePublishesOnce) {
  std::vector<Waiting<Position>> asked(20);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    broker(i).publish(versioned(7), asked[i].handler());
    if (i % 3 == 0) harness->step();
  }
  harness->settle();
  for (const auto& one : asked) EXPECT_EQ(one.get()->offset, 1u);
}

}  // namespace
}  // namespace usher::test
