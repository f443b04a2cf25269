#include "metrics/metrics_page.h"

#include <gtest/gtest.h>

namespace usher::metrics {
namespace {

using Kind = MetricsPage::Kind;

class MetricsPageTest : public testing::Test {
 protected:
  bool has(std::string_view line) const {
    return ("\n" + page.render()).find("\n" + std::string(line) + "\n") != std::string::npos;
  }

  MetricsPage page;
};

TEST_F(MetricsPageTest, ValuesAreReadWhenThePageIsRendered) {
  double live = 0;
  page.add("usher_tickets_live", "Tickets not yet used.", Kind::gauge, [&] { return live; });
  EXPECT_TRUE(has("usher_tickets_live 0"));
  live = 12;
  EXPECT_TRUE(has("usher_tickets_live 12"));
}

TEST_F(MetricsPageTest, EachMetricHasItsHelpAndType) {
  page.add("usher_tickets_live", "Tickets not yet used.", Kind::gauge, [] { return 1.0; });
  page.add("usher_tickets_issued_total", "Tickets given out.", Kind::counter, [] { return 2.0; });
  EXPECT_TRUE(has("# HELP usher_tickets_live Tickets not yet used."));
  EXPECT_TRUE(has("# TYPE usher_tickets_live gauge"));
  EXPECT_TRUE(has("# TYPE usher_tickets_issued_total counter"));
  EXPECT_TRUE(has("usher_tickets_issued_total 2"));
}

TEST_F(MetricsPageTest, SeriesAreToldApartByTheirLabels) {
  page.add("usher_limit", "Limits.", Kind::gauge,
           {{.labels = {{"key", "a"}}, .read = [] { return 1.0; }},
            {.labels = {{"key", "b"}, {"unit", "s"}}, .read = [] { return 0.0; }}});
  EXPECT_TRUE(has("usher_limit{key=\"a\"} 1")) << page.render();
  EXPECT_TRUE(has("usher_limit{key=\"b\",unit=\"s\"} 0"));
}

TEST_F(MetricsPageTest, ASeriesMayBeHiddenWhileItIsZero) {
  double closes = 0;
  page.add(
      "usher_closes_total", "Closes.", Kind::counter,
      {{.labels = {{"code", "1008"}}, .read = [&] { return closes; }, .hidden_at_zero = true}});
  EXPECT_FALSE(has("usher_closes_total{code=\"1008\"} 0"));
  closes = 1;
  EXPECT_TRUE(has("usher_closes_total{code=\"1008\"} 1"));
}

}  // namespace
}  // namespace usher::metrics
