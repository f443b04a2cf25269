#include "hub/owner_waits.h"

#include <vector>

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

using namespace std::chrono_literals;

struct OwnerWaitsTest : testing::Test {
  const TimePoint start{1h};
  OwnerWaits waits{{.pending_max = 4, .pending_per_session_max = 3}};
};

TEST_F(OwnerWaitsTest, ASessionHasItsShareAndNoMore) {
  for (std::uint64_t serial = 1; serial <= 3; ++serial) {
    EXPECT_TRUE(waits.room_for("a").granted);
    waits.add("a", serial, start);
  }
  EXPECT_FALSE(waits.room_for("a").granted);
  EXPECT_TRUE(waits.room_for("b").granted);
  waits.remove("a", 2, start);
  EXPECT_TRUE(waits.room_for("a").granted);
  EXPECT_EQ(waits.size(), 2u);
}

TEST_F(OwnerWaitsTest, AFullTableTakesTheNewestOfTheSessionThatHoldsMost) {
  for (std::uint64_t serial = 1; serial <= 3; ++serial) waits.add("a", serial, start);
  EXPECT_EQ(waits.room_for("b").displaced, std::nullopt) << "there is a free place";
  waits.add("b", 4, start);
  EXPECT_EQ(waits.room_for("c").displaced, 3u);
  EXPECT_EQ(waits.room_for("b").displaced, 3u);
  waits.remove("a", 3, start);
  waits.add("b", 5, start);
  EXPECT_TRUE(waits.room_for("c").granted);
  const OwnerWaits::Room refused = waits.room_for("b");
  EXPECT_FALSE(refused.granted) << "it would then hold more than each other session";
  EXPECT_EQ(refused.displaced, std::nullopt);
}

TEST_F(OwnerWaitsTest, TheEarliestEndIsDueFirst) {
  waits.add("a", 1, start + 2s);
  waits.add("b", 2, start + 1s);
  EXPECT_EQ(waits.first_due(start), std::nullopt);
  EXPECT_EQ(waits.first_due(start + 1s), 2u);
  waits.remove("b", 2, start + 1s);
  EXPECT_EQ(waits.first_due(start + 1s), std::nullopt);
  EXPECT_EQ(waits.first_due(start + 5s), 1u);
  waits.skip_first();
  EXPECT_EQ(waits.first_due(start + 5s), std::nullopt);
}

TEST_F(OwnerWaitsTest, EachIsVisitedOnce) {
  waits.add("a", 1, start + 2s);
  waits.add("b", 2, start + 1s);
  std::vector<std::uint64_t> visited;
  waits.for_each([&](std::uint64_t serial) { visited.push_back(serial); });
  EXPECT_EQ(visited, (std::vector<std::uint64_t>{2, 1}));
}

}  // namespace
}  // namespace usher::hub
