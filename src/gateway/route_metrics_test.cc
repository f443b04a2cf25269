#include "gateway/route_metrics.h"

#include <gtest/gtest.h>

#include <set>

#include "metrics/metrics_page.h"

namespace usher::gateway {
namespace {

TEST(RouteMetricsTest, AnswersAreCountedByRouteAndStatus) {
  RouteMetrics first, second;
  metrics::MetricsPage page;
  add_to(page, std::vector<const RouteMetrics*>{&first, &second});
  first.answers[Route::ticket].count(401);
  second.answers[Route::ticket].count(401);
  first.answers[Route::other].count(599);
  const std::string text = page.render();
  for (const char* line : {"usher_http_requests_total{route=\"ticket\",status=\"401\"} 2\n",
                           "usher_http_requests_total{route=\"other\",status=\"0\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(text.find("route=\"token\""), std::string::npos) << "shown before the first answer";
}

TEST(RouteMetricsTest, EachRouteHasItsOwnName) {
  std::set<std::string_view> names;
  for (std::size_t r = 0; r < static_cast<std::size_t>(Route::count_); ++r) {
    EXPECT_TRUE(names.insert(to_string(static_cast<Route>(r))).second);
  }
}

}  // namespace
}  // namespace usher::gateway
