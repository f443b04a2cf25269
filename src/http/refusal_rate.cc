#include "http/refusal_rate.h"

#include "limits/address_key.h"

namespace usher::http {
namespace {

bool is_callers_fault(int status) { return (status >= 400 && status < 500) || status == 505; }

}  // namespace

std::string_view charged_address(const edge::RequestContext& context) {
  const bool is_free = !edge::has_own_peers(context.listener) || context.address_is_shared;
  return is_free ? std::string_view() : context.peer_address;
}

std::optional<Duration> charge_refusal(limits::RateLimiter* limiter, Problem problem,
                                       std::string_view charged_address, TimePoint now) {
  if (limiter == nullptr || charged_address.empty()) return std::nullopt;
  if (!is_callers_fault(row(problem).status.value())) return std::nullopt;
  const auto admission = limiter->take(limits::address_key(charged_address), now);
  if (admission) return std::nullopt;
  return admission.retry_after;
}

}  // namespace usher::http
