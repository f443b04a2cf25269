#include "gateway/upgrade_gate.h"

#include "gateway/forged_tickets.h"
#include "gateway/node_rate.h"
#include "gateway/problem.h"
#include "gateway/refusal_log.h"
#include "gateway/route_checks.h"

namespace usher::gateway {
namespace {

wire::HttpResponse to_response(const Refusal& refusal, std::string_view trace_id) {
  auto response = make_problem(refusal.problem, {refusal.detail, trace_id, refusal.retry_after});
  response.close = true;
  return response;
}

}  // namespace

UpgradeGate::UpgradeGate(UpgradeGateOptions options, UpgradeGateServices services)
    : options_(options), services_(services) {}

std::optional<wire::HttpResponse> UpgradeGate::admit(std::string_view peer_address, bool has_ticket,
                                                     const MakeTraceId& trace_id, TimePoint now) {
  const auto refuse = [&](UpgradeResult result, const Refusal& refusal) {
    services_.metrics.upgrades[result].add();
    const std::string id = trace_id();
    services_.refusals.write(Route::websocket, refusal.problem, refusal.log_reason, id, now);
    auto response = to_response(refusal, id);
    services_.metrics.count_http(Route::websocket, response.status);
    return response;
  };
  if (auto refusal = check_address(services_.per_address, peer_address, now)) {
    refusal->problem = Problem::overloaded;  // the contract knows no 429 for upgrades
    return refuse(UpgradeResult::rate_limited, *refusal);
  }
  if (const auto refusal = check_draining(services_.node)) {
    return refuse(UpgradeResult::draining, *refusal);
  }
  if (services_.per_second != nullptr && !has_ticket) {
    if (auto refusal = to_overloaded(services_.per_second->take(now))) {
      refusal->log_reason = "limits.upgrades_per_second";
      return refuse(UpgradeResult::overloaded, *refusal);
    }
  }
  if (services_.forged != nullptr && has_ticket) {
    if (auto refusal = to_overloaded(services_.forged->peek(peer_address, now))) {
      refusal->log_reason = "this address shows tickets that open nothing";
      return refuse(UpgradeResult::rate_limited, *refusal);
    }
  }
  const auto before = services_.node.connections.fetch_add(1);
  if (options_.connections_max != 0 && before >= options_.connections_max) {
    services_.node.connections.fetch_sub(1);
    return refuse(UpgradeResult::overloaded,
                  {.problem = Problem::overloaded,
                   .detail = "This node holds as many connections as limits.connections allows.",
                   .retry_after = kRetryOverloaded,
                   .log_reason = "limits.connections"});
  }
  return {};
}

void UpgradeGate::release() { services_.node.connections.fetch_sub(1); }

}  // namespace usher::gateway
