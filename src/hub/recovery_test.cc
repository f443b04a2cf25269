#include "hub/recovery.h"

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using wire::RecoveryGap;

constexpr RecoveryLimits kLimits{3, 10'000};

NamespaceOptions recoverable() {
  return {.name = "n", .history_size = 10, .history_ttl = 1s, .recovery = true};
}

HistoryPage page(std::uint64_t first, std::uint64_t last, std::uint64_t top,
                 std::size_t bytes = 1) {
  HistoryPage made{.publications = {}, .position = {top, "e"}};
  for (std::uint64_t offset = first; offset <= last; ++offset) {
    auto publication = std::make_shared<Publication>();
    publication->offset = offset;
    publication->data = std::string(bytes, '1');
    made.publications.push_back(std::move(publication));
  }
  return made;
}

TEST(RecoveryTest, AsksForOneMoreThanNothing) {
  EXPECT_EQ(recovery_query(recoverable(), {}, kLimits).limit, 0u);
  const auto query = recovery_query(recoverable(), {.since = Position{4, "e"}}, kLimits);
  EXPECT_EQ(query.limit, 3u);
  EXPECT_EQ(query.since, (Position{4, "e"}));
  EXPECT_EQ(recovery_query(recoverable(), {.since = Position{}}, kLimits).since, std::nullopt);
  EXPECT_EQ(recovery_query(recoverable(), {.since = {}, .from_start = true}, kLimits).limit,
            kNoLimit);
}

TEST(RecoveryTest, NeedsHistoryOnlyWhereItIsOfUse) {
  NamespaceOptions options = recoverable();
  EXPECT_TRUE(needs_history(options, {}));
  options.recovery = false;
  EXPECT_FALSE(needs_history(options, {}));
  EXPECT_TRUE(needs_history(options, {.since = {}, .from_start = true}));
  options.positioned = true;
  EXPECT_TRUE(needs_history(options, {}));
  options.history_size = 0;
  EXPECT_FALSE(needs_history(options, {.since = {}, .from_start = true}));
}

TEST(RecoveryTest, DeliveriesThatWereLostAreAGapOnlyBeyondTheAnswer) {
  const RecoveryWish wish{.since = Position{4, "e"}};
  EXPECT_TRUE(recovered(recoverable(), wish, page(5, 7, 7), 7, kLimits).recovered);
  const Subscribed told = recovered(recoverable(), wish, page(5, 7, 7), 8, kLimits);
  EXPECT_EQ(told.gap, RecoveryGap::limit);
  EXPECT_EQ(told.position.offset, 8u);
  EXPECT_TRUE(told.publications.empty());
}

TEST(RecoveryTest, AnOffsetWithoutAnEpochRecoversNothing) {
  const auto told = recovered(recoverable(), {.since = Position{4, ""}}, page(5, 7, 7), 0, kLimits);
  EXPECT_EQ(told.gap, RecoveryGap::epoch_changed);
  EXPECT_FALSE(told.recovered);
  EXPECT_TRUE(told.publications.empty());
  EXPECT_TRUE(recovered(recoverable(), {.since = Position{}}, page(1, 3, 3), 0, kLimits).recovered);
}

TEST(RecoveryTest, ExactlyTheBytesAllowedAreRecovered) {
  const RecoveryWish wish{.since = Position{4, "e"}};
  const std::size_t bytes = size_in_bytes(page(5, 6, 6, 100).publications);
  EXPECT_TRUE(recovered(recoverable(), wish, page(5, 6, 6, 100), 0, {3, bytes}).recovered);
  EXPECT_EQ(recovered(recoverable(), wish, page(5, 6, 6, 100), 0, {3, bytes - 1}).gap,
            RecoveryGap::limit);
}

TEST(RecoveryTest, AnOwnerThatIsNewGetsTheNewestThatFit) {
  const RecoveryWish wish{.since = {}, .from_start = true};
  const auto told = recovered(recoverable(), wish, page(1, 5, 5, 100), 0, kLimits);
  ASSERT_EQ(told.publications.size(), 3u);
  EXPECT_EQ(told.publications.front()->offset, 3u);
  EXPECT_FALSE(told.was_recovering);
  const std::size_t bytes = size_in_bytes(page(1, 2, 2, 100).publications);
  EXPECT_EQ(recovered(recoverable(), wish, page(1, 5, 5, 100), 0, {3, bytes}).publications.size(),
            2u);
  EXPECT_EQ(recovered(recoverable(), wish, page(1, 5, 5, 100), 0, {3, 1}).publications.size(), 0u);
  EXPECT_EQ(recovered(recoverable(), wish, page(1, 2, 2), 0, kLimits).publications.size(), 2u);
}

TEST(RecoveryTest, WithoutRecoveryAWishIsAGapWhateverTheHistoryHas) {
  NamespaceOptions options = recoverable();
  options.recovery = false;
  const auto told = recovered(options, {.since = Position{4, "e"}, .from_start = true},
                              page(5, 7, 7), 0, kLimits);
  EXPECT_TRUE(told.was_recovering);
  EXPECT_FALSE(told.recovered);
  EXPECT_EQ(told.gap, RecoveryGap::epoch_changed);
  EXPECT_EQ(told.position.offset, 7u);
  EXPECT_FALSE(not_recoverable({}).was_recovering);
}

TEST(RecoveryTest, OfACacheOnlyTheNewestIsAskedFor) {
  NamespaceOptions options = recoverable();
  options.recovery_mode = RecoveryMode::cache;
  for (const RecoveryWish& wish : {RecoveryWish{}, RecoveryWish{.since = Position{4, "e"}},
                                   RecoveryWish{.since = {}, .from_start = true}}) {
    const HistoryQuery query = recovery_query(options, wish, kLimits);
    EXPECT_EQ(query.limit, 1u);
    EXPECT_TRUE(query.reverse);
    EXPECT_EQ(query.since, std::nullopt);
  }
}

TEST(RecoveryTest, TheNewestOfACacheCountsOnlyIfItIsTheStreamsLast) {
  NamespaceOptions options = recoverable();
  options.recovery_mode = RecoveryMode::cache;
  EXPECT_TRUE(recovered(options, {}, page(7, 7, 7), 0, kLimits).recovered);
  EXPECT_FALSE(recovered(options, {}, page(6, 6, 7), 0, kLimits).recovered);
  const std::size_t bytes = size_in_bytes(page(7, 7, 7).publications);
  EXPECT_TRUE(recovered(options, {}, page(7, 7, 7), 0, {3, bytes}).recovered);
  EXPECT_EQ(recovered(options, {}, page(7, 7, 7), 0, {3, bytes - 1}).gap, RecoveryGap::limit);
  const Subscribed live = recovered(options, {}, page(7, 7, 7), 9, kLimits);
  EXPECT_TRUE(live.recovered) << "a newer one was held back, and follows";
  EXPECT_TRUE(live.publications.empty());
  EXPECT_EQ(live.position.offset, 9u);
}

TEST(RecoveryTest, AGapIsRefusedOnlyOnWish) {
  const Subscribed gap{.was_recovering = true};
  const Subscribed whole{.was_recovering = true, .recovered = true};
  EXPECT_FALSE(must_refuse(recoverable(), {}, gap));
  EXPECT_TRUE(must_refuse(recoverable(), {.refuse_gap = true}, gap));
  EXPECT_FALSE(must_refuse(recoverable(), {.refuse_gap = true}, whole));
  EXPECT_FALSE(must_refuse(recoverable(), {.refuse_gap = true}, {}));
}

}  // namespace
}  // namespace usher::hub
