#include "ticket/tombstones.h"

#include <gtest/gtest.h>

#include "ticket/mint.h"

namespace usher::ticket {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{};

Tombstone stone(int number, Duration forget_after = 60s) {
  return Tombstone(hash(std::to_string(number)), number % 2 == 0, kStart + number * 1s,
                   kStart + forget_after);
}

TEST(TombstonesTest, TellsWhatBecameOfATicketAndHowLongAgo) {
  Tombstones stones(10);
  EXPECT_FALSE(stones.add(stone(1)));
  EXPECT_FALSE(stones.add(stone(2)));
  ASSERT_NE(stones.find(hash("1")), nullptr);
  EXPECT_FALSE(stones.find(hash("1"))->consumed);
  EXPECT_TRUE(stones.find(hash("2"))->consumed);
  EXPECT_EQ(stones.find(hash("2"))->age(kStart + 12s), Duration(10s));
  EXPECT_EQ(stones.find(hash("3")), nullptr);
}

TEST(TombstonesTest, ForgetsFromTheFrontWhatIsDue) {
  Tombstones stones(10);
  for (int i = 0; i < 4; ++i) stones.add(stone(i, 10s + i * 1s));
  EXPECT_EQ(stones.forget(kStart + 12s - 1ns, 100), 2u);
  EXPECT_EQ(stones.find(hash("1")), nullptr);
  EXPECT_NE(stones.find(hash("2")), nullptr);
  EXPECT_EQ(stones.forget(kStart + 1h, 1), 1u);
  EXPECT_EQ(stones.size(), 1u);
}

TEST(TombstonesTest, AtTheBoundTheOldestMakesRoom) {
  Tombstones stones(2);
  stones.add(stone(1, 71s));
  stones.add(stone(2, 72s));
  EXPECT_EQ(stones.add(stone(3, 73s)), kStart + 71s);
  EXPECT_EQ(stones.size(), 2u);
  EXPECT_EQ(stones.find(hash("1")), nullptr);
  EXPECT_NE(stones.find(hash("2")), nullptr);
  EXPECT_NE(stones.find(hash("3")), nullptr);
}

// A sliding window over 10,000 tombstones: every removal happens in the middle of other probes.
TEST(TombstonesTest, TheIndexFindsExactlyTheOnesThatAreStillHere) {
  constexpr int kCount = 10'000;
  constexpr int kWindow = 700;
  Tombstones stones(kWindow);
  std::vector<TicketHash> hashes;
  for (int i = 0; i < kCount; ++i) hashes.push_back(hash(std::to_string(i)));
  for (int i = 0; i < kCount; ++i) {
    stones.add(Tombstone(hashes[i], false, kStart, kStart + 1s));
    if (i % 199 != 0) continue;
    for (int j = 0; j <= i; ++j) ASSERT_EQ(stones.find(hashes[j]) != nullptr, j > i - kWindow) << i;
  }
  EXPECT_LE(stones.index_bytes(), 2048 * 4u);
}

TEST(TombstonesTest, MemoryIsReleasedWithTheTombstones) {
  Tombstones stones(1'000'000);
  for (int i = 0; i < 10'000; ++i) stones.add(stone(i));
  EXPECT_GE(stones.index_bytes(), 10'000 * 4u);
  EXPECT_LE(stones.index_bytes(), 10'000 * 16u);
  while (stones.forget(kStart + 1h, 256) > 0) {
  }
  EXPECT_EQ(stones.size(), 0u);
  EXPECT_LE(stones.index_bytes(), 64u);
}

}  // namespace
}  // namespace usher::ticket
