#include "gateway/upgrade_rates.h"

#include "http/route_checks.h"
#include "limits/forged_tickets.h"
#include "limits/node_rate.h"

namespace usher::gateway {

std::optional<RefusedRate> check_rates(const UpgradeRates& rates, const metrics::NodeState& node,
                                       std::string_view peer_address, bool has_ticket,
                                       TimePoint now) {
  using Result = metrics::UpgradeResult;
  if (!peer_address.empty()) {
    if (auto refusal = http::check_address(rates.per_address, peer_address, now)) {
      refusal->problem = http::Problem::overloaded;  // the contract knows no 429 for upgrades
      return RefusedRate{Result::rate_limited, *refusal};
    }
  }
  if (const auto refusal = http::check_draining(node))
    return RefusedRate{Result::draining, *refusal};
  if (rates.per_second != nullptr && !has_ticket) {
    if (auto refusal = http::to_overloaded(rates.per_second->take(now))) {
      refusal->log_reason = "limits.upgrades_per_second";
      return RefusedRate{Result::overloaded, *refusal};
    }
  }
  if (rates.forged != nullptr && has_ticket && !peer_address.empty()) {
    if (auto refusal = http::to_overloaded(rates.forged->peek(peer_address, now))) {
      refusal->log_reason = "this address shows tickets that open nothing";
      return RefusedRate{Result::rate_limited, *refusal};
    }
  }
  return {};
}

}  // namespace usher::gateway
