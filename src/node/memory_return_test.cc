#include "node/memory_return.h"

#include <gtest/gtest.h>

namespace usher::node {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMiB = 1 << 20;

class ReturnPolicyTest : public testing::Test {
 protected:
  // A second passes, `cpu` of it used.
  bool second(std::uint64_t resident_mib, Duration cpu = 10ms) {
    now_ += 1s;
    cpu_ += cpu;
    return policy_.wants({resident_mib * kMiB, cpu_}, now_);
  }
  // How many seconds until it wants to; 0: not within `at_most`.
  int seconds_until_wanted(std::uint64_t resident_mib, int at_most = 200) {
    for (int i = 1; i <= at_most; ++i) {
      if (second(resident_mib)) return i;
    }
    return 0;
  }
  void tried(std::uint64_t before_mib, std::uint64_t after_mib) {
    policy_.tried(before_mib * kMiB, after_mib * kMiB, now_);
  }

  ReturnPolicy policy_{{}, 2};
  TimePoint now_;
  Duration cpu_{};
};

TEST_F(ReturnPolicyTest, WhatIsSmallIsLeftAlone) {
  EXPECT_EQ(seconds_until_wanted(20), 0);
  EXPECT_EQ(seconds_until_wanted(51), 0) << "under 32 MiB more than the least";
}

TEST_F(ReturnPolicyTest, AfterAStormItIsWantedAtTheFirstQuietMoment) {
  second(20);
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(second(900, 1500ms)) << "in the storm";
  EXPECT_EQ(seconds_until_wanted(900), 3);
  tried(900, 40);
  EXPECT_EQ(seconds_until_wanted(40), 0);
}

TEST_F(ReturnPolicyTest, WhatTheFirstSampleSawIsTheLeastEvenIfTheStormIsThereASecondLater) {
  policy_.wants({15 * kMiB, cpu_}, now_);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(second(207, 1s));
  EXPECT_EQ(seconds_until_wanted(207), 3);
}

TEST_F(ReturnPolicyTest, ALoadOfAQuarterOfACoreForEachShardIsNotQuiet) {
  second(20);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(second(900, 500ms));
  second(900, 499ms);
  second(900, 499ms);
  EXPECT_TRUE(second(900, 499ms));
}

TEST_F(ReturnPolicyTest, TriesInVainBecomeRareAndGrowthMakesThemFrequentAgain) {
  second(20);
  EXPECT_EQ(seconds_until_wanted(500), 3);
  tried(500, 495);
  EXPECT_EQ(seconds_until_wanted(500), 10);
  tried(500, 495);
  EXPECT_EQ(seconds_until_wanted(500), 20);
  tried(500, 495);
  EXPECT_EQ(seconds_until_wanted(500), 40);
  for (int i = 0; i < 5; ++i) {
    tried(500, 495);
    EXPECT_EQ(seconds_until_wanted(500), 60) << "no less often than this";
  }
  tried(500, 495);
  EXPECT_EQ(seconds_until_wanted(600), 5);
}

}  // namespace
}  // namespace usher::node
