#include "bench/load/load_threads.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <set>
#include <thread>

#include "base/system.h"

namespace usher::bench {
namespace {

class LoadThreadsTest : public testing::TestWithParam<std::size_t> {
 protected:
  const SystemClock clock;
  const Target target{.address = Address(sockaddr_storage{}), .authority = "test"};
  LoadThreads threads{clock, target, GetParam(), 32};
};

TEST_P(LoadThreadsTest, EachDoesThePhaseOnceOnAThreadOfItsOwn) {
  std::vector<int> done(threads.size());
  std::vector<std::thread::id> ids(threads.size());
  threads.run([&](std::size_t i) {
    ++done[i];
    ids[i] = std::this_thread::get_id();
  });
  EXPECT_EQ(done, std::vector<int>(threads.size(), 1));
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), threads.size());
  EXPECT_EQ(ids[0], std::this_thread::get_id());
}

TEST_P(LoadThreadsTest, PhasesFollowOneAnother) {
  std::vector<std::string> done(threads.size());
  threads.run([&](std::size_t i) { done[i] += "a"; });
  threads.run([&](std::size_t i) { done[i] += "b"; });
  for (const std::string& word : done) EXPECT_EQ(word, "ab");
}

// Else a thread that has no part in a phase would take nothing of what comes in meanwhile.
TEST_P(LoadThreadsTest, WhoeverIsDoneTurnsItsLoopUntilAllAre) {
  if (threads.size() == 1) return;
  std::size_t answers = 0;
  threads.run([&](std::size_t i) {
    if (i != 0) return;
    for (std::size_t other = 1; other < threads.size(); ++other) {
      threads.post(other, [&] { threads.post(0, [&] { ++answers; }); });
    }
    threads[0].loop.run([&] { return answers + 1 == threads.size(); }, std::chrono::minutes(1));
  });
  EXPECT_EQ(answers + 1, threads.size());
}

TEST_P(LoadThreadsTest, WhatIsPostedArrivesInOrder) {
  if (threads.size() == 1) return;
  constexpr int kMany = 10'000;
  std::vector<int> came;
  threads.run([&](std::size_t i) {
    const std::size_t last = threads.size() - 1;
    if (i == last) {
      for (int n = 0; n < kMany; ++n) threads.post(0, [&came, n] { came.push_back(n); });
    }
    if (i == 0) {
      threads[0].loop.run([&] { return came.size() == kMany; }, std::chrono::minutes(1));
    }
  });
  ASSERT_EQ(came.size(), static_cast<std::size_t>(kMany));
  for (int n = 0; n < kMany; ++n) ASSERT_EQ(came[static_cast<std::size_t>(n)], n);
}

TEST_P(LoadThreadsTest, AServerThatIsNotWatchedHasNoUsage) {
  EXPECT_FALSE(threads.usage_at_rest());
}

TEST_P(LoadThreadsTest, NumbersOfDifferentThreadsDiffer) {
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < threads.size(); ++i) seen.insert(threads[i].numbers.next());
  EXPECT_EQ(seen.size(), threads.size());
}

INSTANTIATE_TEST_SUITE_P(Threads, LoadThreadsTest, testing::Values(1, 2, 5, kThreadsMax),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace usher::bench
