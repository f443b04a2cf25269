// The counts of the server API on one shard.
//
// Threads: one writer, any reader (metrics/counts.h).
#pragma once

#include <vector>

#include "api/api_method.h"
#include "metrics/counts.h"

namespace usher::metrics {
class MetricsPage;
}

namespace usher::api {

struct ApiMetrics {
  metrics::PerEnum<ApiMethod> calls;   // those in a batch, too
  metrics::PerEnum<ApiMethod> errors;  // answered with an `error`
  metrics::Counter keys_refused;
};

// Borrows the shards' counts, which must outlive the page.
void add_to(metrics::MetricsPage& page, const std::vector<const ApiMetrics*>& shards);

}  // namespace usher::api
