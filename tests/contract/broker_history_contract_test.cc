// What a broker promises of the publications that it keeps.
#include "contract/broker_contract.h"

namespace usher::test {
namespace {

using namespace std::chrono_literals;
using wire::RecoveryGap;
using Offsets = std::vector<std::uint64_t>;

TEST_P(BrokerContract, HistoryGivesPartsFromEitherEnd) {
  std::string epoch;
  for (int i = 1; i <= 5; ++i) epoch = publish("kept:1", std::to_string(i))->epoch;
  const auto parts = [&](hub::HistoryQuery query) {
    return offsets_of(history("kept:1", std::move(query), last_shard())->publications);
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

TEST_P(BrokerContract, HistorySinceAnOffsetWithoutAnEpochIsOfWhicheverThereIs) {
  for (int i = 1; i <= 3; ++i) publish("kept:1", std::to_string(i));
  const auto parts = [&](const hub::HistoryQuery& query) {
    return offsets_of(history("kept:1", query)->publications);
  };
  EXPECT_EQ(parts({.since = Position{0, ""}}), (Offsets{1, 2, 3}));
  EXPECT_EQ(parts({.since = Position{2, ""}}), Offsets{3});
  EXPECT_EQ(parts({.since = Position{2, ""}, .reverse = true}), Offsets{1});
  EXPECT_EQ(history("kept:1", {.since = Position{4, ""}})->gap, RecoveryGap::epoch_changed);
}

TEST_P(BrokerContract, HistoryKeepsTheNewestAndSaysWhatIsGone) {
  std::string epoch;
  for (int i = 1; i <= 7; ++i) epoch = publish("kept:1", std::to_string(i))->epoch;
  EXPECT_EQ(offsets_of(history("kept:1")->publications), (Offsets{3, 4, 5, 6, 7}));
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
  EXPECT_EQ(offsets_of(history("kept:1")->publications), (Offsets{1, 2}));
  harness->advance(harness->resolution());
  EXPECT_EQ(offsets_of(history("kept:1")->publications), Offsets{2});
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

}  // namespace
}  // namespace usher::test
