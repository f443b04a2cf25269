#include "metrics/metrics_page.h"

#include <gtest/gtest.h>

namespace usher::metrics {
namespace {

class MetricsPageTest : public testing::Test {
 protected:
  bool has(std::string_view line) const {
    return ("\n" + page.render()).find("\n" + std::string(line) + "\n") != std::string::npos;
  }

  ShardMetrics first, second;
  NodeState node;
  MetricsPage page{{&first, &second}, node, "0.1.0"};
};

TEST_F(MetricsPageTest, ShardsAreSummed) {
  first.tickets_issued.add(3);
  second.tickets_issued.add();
  first.connections.add(5);
  second.connections.add(-1);
  EXPECT_TRUE(has("usher_tickets_issued_total 4")) << page.render();
  EXPECT_TRUE(has("usher_connections 4"));
}

TEST_F(MetricsPageTest, OutcomesAreSeriesFromTheStart) {
  second.ticket_redeems[RedeemResult::consumed].add(999);
  EXPECT_TRUE(has("usher_ticket_redeems_total{outcome=\"consumed\"} 999")) << page.render();
  EXPECT_TRUE(has("usher_ticket_redeems_total{outcome=\"ok\"} 0"));
  EXPECT_TRUE(has("usher_upgrades_total{result=\"ticket_replayed\"} 0"));
}

TEST_F(MetricsPageTest, HttpRequestsAreCountedByRouteAndStatus) {
  first.count_http(Route::ticket, 401);
  first.count_http(Route::ticket, 401);
  first.count_http(Route::other, 599);
  EXPECT_TRUE(has("usher_http_requests_total{route=\"ticket\",status=\"401\"} 2")) << page.render();
  EXPECT_TRUE(has("usher_http_requests_total{route=\"other\",status=\"0\"} 1"));
}

TEST_F(MetricsPageTest, ClosesAreCountedByCodeAndTheApplicationsOwnTogether) {
  first.count_close(1008);
  first.count_close(4321);
  EXPECT_TRUE(has("usher_closes_total{code=\"1008\"} 1")) << page.render();
  EXPECT_TRUE(has("usher_closes_total{code=\"0\"} 1"));
}

TEST_F(MetricsPageTest, DrainingAndForeignValuesAreReadWhenAsked) {
  double live = 0;
  page.add("usher_tickets_live", "Tickets not yet used.", MetricsPage::Kind::gauge,
           [&] { return live; });
  EXPECT_TRUE(has("usher_draining 0"));
  node.draining = true;
  live = 12;
  EXPECT_TRUE(has("usher_draining 1"));
  EXPECT_TRUE(has("usher_tickets_live 12"));
  EXPECT_TRUE(has("# TYPE usher_tickets_live gauge"));
  EXPECT_TRUE(has("# TYPE usher_tickets_issued_total counter"));
  EXPECT_TRUE(has("usher_build_info{version=\"0.1.0\"} 1"));
}

}  // namespace
}  // namespace usher::metrics
