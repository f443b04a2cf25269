#include "gateway/route_metrics.h"

#include <string>
#include <utility>

#include "metrics/shard_sums.h"

namespace usher::gateway {

void add_to(metrics::MetricsPage& page, const std::vector<const RouteMetrics*>& shards) {
  const metrics::ShardSums<RouteMetrics> sums(page, shards);
  std::vector<metrics::MetricsPage::Series> series;
  for (std::size_t r = 0; r < static_cast<std::size_t>(Route::count_); ++r) {
    const auto route = static_cast<Route>(r);
    for (std::size_t s = 0; s < metrics::kStatuses.size(); ++s) {
      series.push_back({.labels = {{"route", std::string(to_string(route))},
                                   {"status", std::to_string(metrics::kStatuses[s])}},
                        .read = sums.sum_of([route, s](const RouteMetrics& shard) -> auto& {
                          return shard.answers[route].by_status[s];
                        }),
                        .hidden_at_zero = true});
    }
  }
  page.add("usher_http_requests_total", "HTTP requests answered, by route and status.",
           metrics::MetricsPage::Kind::counter, std::move(series));
}

}  // namespace usher::gateway
