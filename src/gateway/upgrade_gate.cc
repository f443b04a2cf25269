#include "gateway/upgrade_gate.h"

#include "gateway/upgrade_rates.h"
#include "http/problem.h"
#include "http/refusal_log.h"
#include "http/route_checks.h"

namespace usher::gateway {
namespace {

wire::HttpResponse to_response(const http::Refusal& refusal, std::string_view trace_id) {
  auto response = make_problem(refusal.problem, {refusal.detail, trace_id, refusal.retry_after});
  response.close = true;
  return response;
}

}  // namespace

UpgradeGate::UpgradeGate(UpgradeGateOptions options, UpgradeGateDependencies dependencies)
    : options_(options), dependencies_(dependencies) {}

std::optional<wire::HttpResponse> UpgradeGate::admit(std::string_view peer_address, bool has_ticket,
                                                     const MakeTraceId& trace_id, TimePoint now) {
  const auto refuse = [&](metrics::UpgradeResult result, const http::Refusal& refusal) {
    dependencies_.metrics.upgrades[result].add();
    const std::string id = trace_id();
    dependencies_.refusals.write(dependencies_.route.name, refusal.problem, refusal.log_reason, id,
                                 now);
    auto response = to_response(refusal, id);
    dependencies_.route.answers.count(response.status);
    return response;
  };
  const UpgradeRates rates{dependencies_.per_address, dependencies_.per_second,
                           dependencies_.forged};
  if (const auto over = check_rates(rates, dependencies_.node, peer_address, has_ticket, now)) {
    return refuse(over->counted_as, over->refusal);
  }
  const auto before = dependencies_.node.connections.fetch_add(1);
  if (options_.connections_max != 0 && before >= options_.connections_max) {
    dependencies_.node.connections.fetch_sub(1);
    return refuse(metrics::UpgradeResult::overloaded,
                  {.problem = http::Problem::overloaded,
                   .detail = "This node holds as many connections as limits.connections allows.",
                   .retry_after = http::kRetryOverloaded,
                   .log_reason = "limits.connections"});
  }
  return {};
}

void UpgradeGate::release() { dependencies_.node.connections.fetch_sub(1); }

}  // namespace usher::gateway
