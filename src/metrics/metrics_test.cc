#include "metrics/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "metrics/metrics_page.h"

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
}

TEST(MetricsTest, CloseCodesOfOthersAreCountedTogether) {
  for (const std::uint16_t code : kCloseCodes) EXPECT_EQ(kCloseCodes[close_code_index(code)], code);
  EXPECT_EQ(close_code_index(4999), 0u);
}

TEST(MetricsTest, OutcomesAreSeriesFromTheStartAndCloseCodesFromTheirFirstClose) {
  ShardMetrics first, second;
  MetricsPage page;
  add_to(page, {&first, &second});
  second.ticket_redeems[RedeemResult::consumed].add(999);
  first.count_close(1008);
  first.count_close(4321);
  const std::string text = page.render();
  for (const char* line :
       {"usher_ticket_redeems_total{outcome=\"consumed\"} 999\n",
        "usher_ticket_redeems_total{outcome=\"ok\"} 0\n",
        "usher_upgrades_total{result=\"ticket_replayed\"} 0\n",
        "usher_closes_total{code=\"1008\"} 1\n", "usher_closes_total{code=\"0\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(text.find("code=\"3504\""), std::string::npos);
}

}  // namespace
}  // namespace usher::metrics
