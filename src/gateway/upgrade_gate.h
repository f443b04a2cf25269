// May this peer open one more WebSocket? Asked before anything is spent on it (contract section 2,
// row 2).
//
// Refuses by HTTP, because nothing has been upgraded yet: a browser sees only a failed connect,
// which is soft, and that is right for every row here. Counts an admitted connection until it is
// released.
//
// Threads: one per shard. Borrows: everything in UpgradeGateDependencies.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/answer.h"
#include "metrics/metrics.h"
#include "metrics/node_state.h"
#include "wire/http_message.h"

namespace usher::limits {
class ForgedTickets;
class NodeRate;
class RateLimiter;
}  // namespace usher::limits

namespace usher::gateway {

struct UpgradeGateOptions {
  std::uint64_t connections_max = 0;  // limits.connections; 0: no limit
};

struct UpgradeGateDependencies {
  metrics::NodeState& node;
  metrics::ShardMetrics& metrics;
  http::CountedRoute route;  // of WebSockets
  http::RefusalLog& refusals;
  // Limits. Null: none.
  limits::RateLimiter* per_address = nullptr;     // limits.upgrades_per_address
  limits::NodeRate* per_second = nullptr;         // limits.upgrades_per_second
  const limits::ForgedTickets* forged = nullptr;  // the same, for guessed tickets
};

// Called only for a refusal: random ids cost a system call.
using MakeTraceId = std::function<std::string()>;

class UpgradeGate {
 public:
  UpgradeGate(UpgradeGateOptions options, UpgradeGateDependencies dependencies);

  // Returns nothing if admitted, and counted in NodeState::connections until release(). Else the
  // answer to send (503 with Retry-After). `has_ticket` is as for check_rates().
  std::optional<wire::HttpResponse> admit(std::string_view peer_address, bool has_ticket,
                                          const MakeTraceId& trace_id, TimePoint now);

  // Connections that are open stay.
  void set_options(UpgradeGateOptions options) { options_ = options; }

  // The admitted connection has ended, or was refused later.
  void release();

 private:
  UpgradeGateOptions options_;
  UpgradeGateDependencies dependencies_;
};

}  // namespace usher::gateway
