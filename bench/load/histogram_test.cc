#include "bench/load/histogram.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, NothingRecordedIsZeroEverywhere) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.percentile(99), Duration::zero());
  EXPECT_EQ(empty.longest(), Duration::zero());
}

TEST(Histogram, PercentilesOfAThousandDifferentValuesAreRightToTwoPercent) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(i * 1ms);
  for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9}) {
    const double exact_ms = percent * 10;
    const double told_ms =
        std::chrono::duration<double, std::milli>(histogram.percentile(percent)).count();
    EXPECT_GE(told_ms, exact_ms) << percent;
    EXPECT_LE(told_ms, exact_ms * 1.016) << percent;
  }
  EXPECT_EQ(histogram.percentile(100), 1000ms);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int i = 0; i < 64; ++i) histogram.record(Duration(i));
  EXPECT_EQ(histogram.percentile(50), Duration(31));
  EXPECT_EQ(histogram.percentile(100), Duration(63));
}

TEST(Histogram, OneValueIsAllPercentiles) {
  Histogram histogram;
  histogram.record(12345678ns);
  EXPECT_EQ(histogram.percentile(0.1), 12345678ns);
  EXPECT_EQ(histogram.percentile(100), 12345678ns);
}

TEST(Histogram, WhatLiesBeforeItsTimeCountsAsZeroAndTheLongestPossibleFits) {
  Histogram histogram;
  histogram.record(-5ms);
  EXPECT_EQ(histogram.percentile(100), Duration::zero());
  histogram.record(Duration::max());
  EXPECT_EQ(histogram.percentile(100), Duration::max());
}

TEST(Histogram, MergedIsAsIfRecordedInOne) {
  Histogram a, b, both;
  for (int i = 0; i < 500; ++i) {
    a.record(i * 7us);
    both.record(i * 7us);
    b.record(i * 31us);
    both.record(i * 31us);
  }
  a.merge(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.longest(), both.longest());
  for (const double percent : {10.0, 50.0, 99.0}) {
    EXPECT_EQ(a.percentile(percent), both.percentile(percent));
  }
}

}  // namespace
}  // namespace usher::bench
