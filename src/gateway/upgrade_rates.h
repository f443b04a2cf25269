// The rates that a handshake must keep before anything is spent on it (contract section 2.1, row
// 2): of its address, then, while the node is not draining, of the node.
//
// The gate of upgrades asks here, and the verify door, where another server holds the connection.
//
// Threads: plain functions. Borrows: what UpgradeRates names.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "http/answer.h"
#include "metrics/metrics.h"
#include "metrics/node_state.h"

namespace usher::limits {
class ForgedTickets;
class NodeRate;
class RateLimiter;
}  // namespace usher::limits

namespace usher::gateway {

// Null: no limit.
struct UpgradeRates {
  limits::RateLimiter* per_address = nullptr;     // limits.upgrades_per_address
  limits::NodeRate* per_second = nullptr;         // limits.upgrades_per_second
  const limits::ForgedTickets* forged = nullptr;  // the same, for guessed tickets
};

struct RefusedRate {
  metrics::UpgradeResult counted_as;
  http::Refusal refusal;
};

// Returns nothing if the handshake may go on. `peer_address`: empty if it stands for many clients;
// then it is not charged. `has_ticket`: a well-formed ticket came with the request; then the node's
// rate does not apply, because that ticket was counted by limits.tickets_per_second when it was
// issued; unless it comes from where others have been forged (forged_tickets.h).
std::optional<RefusedRate> check_rates(const UpgradeRates& rates, const metrics::NodeState& node,
                                       std::string_view peer_address, bool has_ticket,
                                       TimePoint now);

}  // namespace usher::gateway
