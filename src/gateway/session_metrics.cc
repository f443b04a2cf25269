#include "gateway/session_metrics.h"

#include "base/check.h"
#include "limits/forged_tickets.h"

namespace usher::gateway {
namespace {

metrics::RedeemResult to_result(ticket::RedeemOutcome outcome) {
  switch (outcome) {
    case ticket::RedeemOutcome::ok:
      return metrics::RedeemResult::ok;
    case ticket::RedeemOutcome::expired:
      return metrics::RedeemResult::expired;
    case ticket::RedeemOutcome::consumed:
      return metrics::RedeemResult::consumed;
    case ticket::RedeemOutcome::unknown:
      return metrics::RedeemResult::unknown;
    case ticket::RedeemOutcome::unavailable:
      return metrics::RedeemResult::unavailable;
  }
  USHER_CHECK(false);
}

metrics::UpgradeResult to_result(session::Rejection why) {
  using session::Rejection;
  switch (why) {
    case Rejection::origin_blocked:
    case Rejection::origin_mismatch:
      return metrics::UpgradeResult::origin_blocked;
    case Rejection::no_ticket:
      return metrics::UpgradeResult::no_ticket;
    case Rejection::store_unavailable:
    case Rejection::key_unknown:
      return metrics::UpgradeResult::store_unavailable;
    case Rejection::ticket_invalid:
      return metrics::UpgradeResult::ticket_invalid;
    case Rejection::ticket_replayed:
      return metrics::UpgradeResult::ticket_replayed;
    case Rejection::ticket_expired:
      return metrics::UpgradeResult::ticket_expired;
    case Rejection::session_revoked:
      return metrics::UpgradeResult::session_revoked;
    case Rejection::nothing_usable:
      return metrics::UpgradeResult::nothing_usable;
    case Rejection::guest_refused:
      return metrics::UpgradeResult::guest_refused;
    case Rejection::too_many_requests:
      return metrics::UpgradeResult::too_many_requests;
  }
  USHER_CHECK(false);
}

}  // namespace

void SessionMetrics::on_redeemed(ticket::RedeemOutcome outcome) {
  metrics_.ticket_redeems[to_result(outcome)].add();
}

void SessionMetrics::on_reused() { metrics_.ticket_redeems[metrics::RedeemResult::reused].add(); }

void SessionMetrics::on_forged(std::string_view peer_address, TimePoint now) {
  if (forged_ != nullptr) forged_->add(peer_address, now);
}

void SessionMetrics::on_connected() {
  metrics_.upgrades[metrics::UpgradeResult::connected].add();
  metrics_.connections.add(1);
}

void SessionMetrics::on_rejected(session::Rejection why) {
  metrics_.upgrades[to_result(why)].add();
}

void SessionMetrics::on_closed(std::uint16_t code, bool was_connected) {
  metrics_.count_close(code);
  if (was_connected) metrics_.connections.add(-1);
}

}  // namespace usher::gateway
