#include "metrics/counts.h"

#include <gtest/gtest.h>

namespace usher::metrics {
namespace {

TEST(CountsTest, AStatusIsCountedUnderItsOwnName) {
  static_assert(CountedStatus(503).value() == 503);
  for (const int status : kStatuses) EXPECT_EQ(kStatuses[status_index(status)], status);
  EXPECT_EQ(status_index(599), 0u);
}

TEST(CountsTest, CountersGrowAndGaugesMove) {
  Counter counter;
  counter.add();
  counter.add(4);
  EXPECT_EQ(counter.value(), 5u);
  counter.set(9);
  EXPECT_EQ(counter.value(), 9u);
  Gauge gauge;
  gauge.add(2);
  gauge.add(-5);
  EXPECT_EQ(gauge.value(), -3);
}

}  // namespace
}  // namespace usher::metrics
