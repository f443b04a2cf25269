#include "api/api_metrics.h"

#include "metrics/shard_sums.h"

namespace usher::api {

void add_to(metrics::MetricsPage& page, const std::vector<const ApiMetrics*>& shards) {
  metrics::ShardSums<ApiMetrics> sums(page, shards);
  sums.add("usher_api_calls_total", "Server API calls, those in a batch too.", "method",
           &ApiMetrics::calls);
  sums.add("usher_api_errors_total", "Server API calls answered with an error.", "method",
           &ApiMetrics::errors);
  sums.add("usher_api_keys_refused_total", "Server API requests with a wrong key or none.",
           &ApiMetrics::keys_refused);
}

}  // namespace usher::api
