#include "bench/load/tally.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

using namespace std::chrono_literals;

Tally tally(Duration began, Duration ended, std::initializer_list<Duration> times) {
  Tally one;
  one.began = TimePoint(began);
  one.ended = TimePoint(ended);
  for (const Duration time : times) one.record(time);
  return one;
}

TEST(Tally, WorkDoneAtTheSameTimeAddsUpAndLastsFromTheFirstToTheLast) {
  Tally all = tally(100ms, 600ms, {1ms, 2ms});
  Tally other = tally(90ms, 550ms, {7ms});
  all.failed = 2;
  other.failed = 3;
  all.merge(other);
  EXPECT_EQ(all.done, 3u);
  EXPECT_EQ(all.failed, 5u);
  EXPECT_EQ(all.times.count(), 3u);
  EXPECT_EQ(all.elapsed(), 510ms);
  EXPECT_EQ(all.times.longest(), 7ms);
}

TEST(Tally, TheFirstFailureOfTheFirstThreadThatHasOneIsKept) {
  Tally all;
  Tally other;
  other.fail("one");
  other.fail("two");
  all.merge(other);
  EXPECT_EQ(all.failure, "one");
  Tally third;
  third.fail("three");
  all.merge(third);
  EXPECT_EQ(all.failure, "one");
}

TEST(Tally, AThreadThatFailedNothingHidesNoFailure) {
  Tally all;
  all.fail("mine");
  all.merge(Tally());
  EXPECT_EQ(all.failure, "mine");
}

}  // namespace
}  // namespace usher::bench
