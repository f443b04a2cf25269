// Takes over what a shard's hub counts for itself, so that /metrics can read it from any thread.
//
// Threads: called on the shard's thread, about once a second.
#pragma once

#include "gateway/metrics.h"
#include "hub/hub.h"

namespace usher::gateway {

void sample(const hub::Hub& hub, ShardMetrics& metrics);

}  // namespace usher::gateway
