#include "hub/connection_counts.h"

#include <deque>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

using Connection = ConnectionCounts::Connection;

TEST(ConnectionCountsTest, OneTooManyEndsTheOldest) {
  ConnectionCounts counts(2);
  EXPECT_EQ(counts.add(7, {{1}, 0}), std::nullopt);
  EXPECT_EQ(counts.add(7, {{2}, 3}), std::nullopt);
  EXPECT_EQ(counts.add(8, {{9}, 0}), std::nullopt);
  EXPECT_EQ(counts.add(7, {{3}, 1}), (Connection{{1}, 0}));
  EXPECT_EQ(counts.add(7, {{4}, 1}), (Connection{{2}, 3}));
  counts.remove(7, {1});  // was evicted
  counts.remove(7, {3});
  EXPECT_EQ(counts.add(7, {{5}, 1}), std::nullopt);
  EXPECT_EQ(counts.add(7, {{6}, 1}), (Connection{{4}, 1}));
}

TEST(ConnectionCountsTest, CountsDistinctKeys) {
  for (const std::size_t max : {0u, 5u}) {
    ConnectionCounts counts(max);
    EXPECT_EQ(counts.distinct(), 0u);
    counts.remove(7, {1});
    counts.add(7, {{1}, 0});
    counts.add(7, {{2}, 0});
    counts.add(8, {{3}, 0});
    EXPECT_EQ(counts.distinct(), 2u);
    counts.remove(7, {1});
    EXPECT_EQ(counts.distinct(), 2u);
    counts.remove(7, {2});
    EXPECT_EQ(counts.distinct(), 1u);
  }
}

TEST(ConnectionCountsTest, WithoutALimitNoConnectionIsEvicted) {
  ConnectionCounts counts(0);
  for (std::uint64_t i = 1; i < 1000; ++i) EXPECT_EQ(counts.add(7, {{i}, 0}), std::nullopt);
}

TEST(ConnectionCountsTest, BehavesLikeQueuesUnderRandomUse) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    ConnectionCounts counts(3);
    std::map<std::uint64_t, std::deque<Connection>> model;
    std::uint64_t last = 0;
    for (int step = 0; step < 5000; ++step) {
      const std::uint64_t key = random() % 40;  // neighbours: long runs in the table
      auto& queue = model[key];
      if (random() % 2 == 0) {
        const Connection connection{{++last}, static_cast<std::uint32_t>(random() % 4)};
        queue.push_back(connection);
        std::optional<Connection> evicted;
        if (queue.size() > 3) {
          evicted = queue.front();
          queue.pop_front();
        }
        ASSERT_EQ(counts.add(key, connection), evicted);
      } else if (!queue.empty()) {
        const auto gone = queue.begin() + static_cast<std::ptrdiff_t>(random() % queue.size());
        counts.remove(key, gone->client);
        queue.erase(gone);
      }
      if (queue.empty()) model.erase(key);
      ASSERT_EQ(counts.distinct(), model.size());
    }
  }
}

TEST(ConnectionCountsTest, ALimitThatComesLaterCountsWhatComesLater) {
  ConnectionCounts counts(0);
  counts.add(7, {{1}, 0});
  counts.add(7, {{2}, 0});
  counts.set_max(1);
  EXPECT_EQ(counts.add(7, {{3}, 0}), std::nullopt);
  EXPECT_EQ(counts.add(7, {{4}, 0})->client, ClientId{3});
  EXPECT_EQ(counts.distinct(), 1u);
  for (const std::uint64_t client : {1u, 2u, 4u}) counts.remove(7, {client});
  EXPECT_EQ(counts.distinct(), 0u);
}

TEST(ConnectionCountsTest, WithoutALimitAnyMoreNoneIsEvictedAndAllAreForgotten) {
  ConnectionCounts counts(1);
  counts.add(7, {{1}, 0});
  counts.set_max(0);
  EXPECT_EQ(counts.add(7, {{2}, 0}), std::nullopt);
  EXPECT_EQ(counts.distinct(), 1u);
  counts.remove(7, {2});
  EXPECT_EQ(counts.distinct(), 1u);
  counts.remove(7, {1});
  EXPECT_EQ(counts.distinct(), 0u);
}

}  // namespace
}  // namespace usher::hub
