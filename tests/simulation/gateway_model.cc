#include "simulation/gateway_model.h"

#include <algorithm>

#include "http/route_checks.h"

namespace usher::simulation {
namespace {

void count(std::vector<std::uint32_t>& in, client::Instant now) {
  const auto second = static_cast<std::size_t>(now.time_since_epoch() / std::chrono::seconds(1));
  if (in.size() <= second) in.resize(second + 1);
  ++in[second];
}

std::uint32_t peak(const std::vector<std::uint32_t>& in) {
  return in.empty() ? 0 : *std::max_element(in.begin(), in.end());
}

}  // namespace

GatewayModel::GatewayModel(Refuses refuses, std::uint32_t tickets_per_second)
    : refuses_(refuses),
      rate_({tickets_per_second, std::chrono::seconds(1)}),
      queue_({.per_second = tickets_per_second}, entropy_) {}

std::optional<client::HttpFailure> GatewayModel::ask_ticket(const std::string& session,
                                                            client::Instant now) {
  const TimePoint at{now.time_since_epoch()};
  ++requests_;
  count(requests_in_, now);
  const auto refusal = refuses_ == Refuses::with_a_place ? http::check_turn(&queue_, session, at)
                                                         : http::to_overloaded(rate_.take(at));
  if (!refusal) {
    ++issued_;
    count(issued_in_, now);
    return std::nullopt;
  }
  return client::HttpFailure{.status = 503,
                             .code = "OVERLOADED",
                             .retry_after_ms = static_cast<double>(refusal->retry_after->count()),
                             .place = refusal->is_place};
}

std::uint32_t GatewayModel::requests_peak() const { return peak(requests_in_); }
std::uint32_t GatewayModel::issued_peak() const { return peak(issued_in_); }

}  // namespace usher::simulation
