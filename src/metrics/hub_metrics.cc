#include "metrics/hub_metrics.h"

namespace usher::metrics {

void sample(const hub::Hub& hub, ShardMetrics& metrics) {
  const hub::HubStats& stats = hub.stats();
  metrics.deliveries.set(stats.deliveries);
  metrics.recovered.set(stats.recovered);
  metrics.not_recovered.set(stats.not_recovered);
  metrics.subscriptions.set(static_cast<std::int64_t>(hub.subscriptions()));
  metrics.channels.set(static_cast<std::int64_t>(hub.channels()));
}

}  // namespace usher::metrics
