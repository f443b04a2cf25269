#include "metrics/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace usher::metrics {
namespace {

template <class Enum>
void expect_distinct_names() {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < PerEnum<Enum>::kSize; ++i) {
    EXPECT_TRUE(names.insert(to_string(static_cast<Enum>(i))).second);
  }
}

TEST(MetricsTest, EveryValueOfALabelHasItsOwnName) {
  expect_distinct_names<UpgradeResult>();
  expect_distinct_names<RedeemResult>();
  expect_distinct_names<Route>();
  expect_distinct_names<ApiMethod>();
}

TEST(MetricsTest, AStatusIsCountedUnderItsOwnName) {
  static_assert(CountedStatus(503).value() == 503);
  for (const int status : kStatuses) EXPECT_EQ(kStatuses[status_index(status)], status);
  EXPECT_EQ(status_index(599), 0u);
}

TEST(MetricsTest, CloseCodesOfOthersAreCountedTogether) {
  for (const std::uint16_t code : kCloseCodes) EXPECT_EQ(kCloseCodes[close_code_index(code)], code);
  EXPECT_EQ(close_code_index(4999), 0u);
}

TEST(MetricsTest, CountersGrowAndGaugesMove) {
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
