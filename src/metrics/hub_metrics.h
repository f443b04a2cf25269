// Copies the hub's own counts into its shard's metrics, so that /metrics can read them from any
// thread.
//
// Threads: called on the shard's thread, about once a second.
#pragma once

#include "hub/hub.h"
#include "metrics/metrics.h"

namespace usher::metrics {

void sample(const hub::Hub& hub, ShardMetrics& metrics);

}  // namespace usher::metrics
