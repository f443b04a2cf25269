// The HTTP answers of one shard, counted by route and status.
//
// Threads: one writer, any reader (metrics/counts.h).
#pragma once

#include <vector>

#include "gateway/route.h"
#include "http/answer.h"
#include "metrics/counts.h"

namespace usher::metrics {
class MetricsPage;
}

namespace usher::gateway {

struct RouteMetrics {
  metrics::PerEnum<Route, metrics::HttpCounts> answers;

  // For an Answer or a log line. Borrows this object.
  http::CountedRoute operator[](Route route) { return {to_string(route), answers[route]}; }
};

// Borrows the shards' counts, which must outlive the page.
void add_to(metrics::MetricsPage& page, const std::vector<const RouteMetrics*>& shards);

}  // namespace usher::gateway
