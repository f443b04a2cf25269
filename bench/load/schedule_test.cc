#include "bench/load/schedule.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

using namespace std::chrono_literals;

TEST(Schedule, AMessageIsDueWhenItWasSaidToBe) {
  Schedule schedule(2);
  EXPECT_EQ(schedule.add(TimePoint(5s)), 0u);
  EXPECT_EQ(schedule.add(TimePoint(4s)), 1u);
  EXPECT_EQ(schedule.due(0), TimePoint(5s));
  EXPECT_EQ(schedule.due(1), TimePoint(4s));
  EXPECT_TRUE(schedule.is_full());
}

TEST(Schedule, TheFirstMayBeForWarmingUp) {
  const Schedule schedule(5, 2);
  EXPECT_FALSE(schedule.is_timed(1));
  EXPECT_TRUE(schedule.is_timed(2));
  EXPECT_TRUE(Schedule(5).is_timed(0));
}

TEST(Schedule, WhatWasNotPublishedIsNeverDue) {
  Schedule schedule(2);
  schedule.add(TimePoint(5s));
  EXPECT_EQ(schedule.due(1), std::nullopt);
  EXPECT_EQ(schedule.due(2), std::nullopt);
  EXPECT_EQ(schedule.due(99'999'999), std::nullopt);
  EXPECT_EQ(schedule.published(), 1u);
  EXPECT_FALSE(schedule.is_full());
}

}  // namespace
}  // namespace usher::bench
