// The tunnels of one shard, counted for each upstream.
//
// Threads: one writer, any reader (metrics/counts.h).
#pragma once

#include <string>
#include <vector>

#include "doors/upstream_verdict.h"
#include "edge/tunnel.h"
#include "metrics/counts.h"
#include "session/tunnel_session.h"

namespace usher::metrics {
class MetricsPage;
}

namespace usher::gateway {

struct UpstreamCounts {
  metrics::Gauge connections;
  metrics::PerEnum<doors::UpstreamResult> opened;
  metrics::PerEnum<edge::Direction> bytes;
  metrics::Counter answers;        // all of `opened` but the unreachable
  metrics::Counter answer_micros;  // from the order to dial to the answer, of all answers
};

class UpstreamMetrics final : public session::TunnelObserver {
 public:
  explicit UpstreamMetrics(std::size_t upstreams) : counts_(upstreams) {}

  void on_answer(std::size_t upstream, doors::UpstreamResult result, Duration took) override;
  void on_closed(std::size_t upstream) override { counts_[upstream].connections.add(-1); }
  void on_passed(std::size_t upstream, edge::Direction direction, std::size_t bytes) override {
    counts_[upstream].bytes[direction].add(bytes);
  }

  const UpstreamCounts& operator[](std::size_t upstream) const { return counts_[upstream]; }

 private:
  std::vector<UpstreamCounts> counts_;
};

// Borrows the shards' counts, which must outlive the page. `names`: of the upstreams.
void add_to(metrics::MetricsPage& page, const std::vector<const UpstreamMetrics*>& shards,
            const std::vector<std::string>& names);

}  // namespace usher::gateway
