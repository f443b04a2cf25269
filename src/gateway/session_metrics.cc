#include "gateway/session_metrics.h"

#include "base/check.h"
#include "gateway/forged_tickets.h"

namespace usher::gateway {
namespace {

RedeemResult to_result(ticket::RedeemOutcome outcome) {
  switch (outcome) {
    case ticket::RedeemOutcome::ok:
      return RedeemResult::ok;
    case ticket::RedeemOutcome::expired:
      return RedeemResult::expired;
    case ticket::RedeemOutcome::consumed:
      return RedeemResult::consumed;
    case ticket::RedeemOutcome::unknown:
      return RedeemResult::unknown;
    case ticket::RedeemOutcome::unavailable:
      return RedeemResult::unavailable;
  }
  USHER_CHECK(false);
}

UpgradeResult to_result(session::Rejection why) {
  using session::Rejection;
  switch (why) {
    case Rejection::origin_blocked:
    case Rejection::origin_mismatch:
      return UpgradeResult::origin_blocked;
    case Rejection::no_ticket:
      return UpgradeResult::no_ticket;
    case Rejection::store_unavailable:
    case Rejection::key_unknown:
      return UpgradeResult::store_unavailable;
    case Rejection::ticket_invalid:
      return UpgradeResult::ticket_invalid;
    case Rejection::ticket_replayed:
      return UpgradeResult::ticket_replayed;
    case Rejection::ticket_expired:
      return UpgradeResult::ticket_expired;
    case Rejection::session_revoked:
      return UpgradeResult::session_revoked;
    case Rejection::nothing_usable:
      return UpgradeResult::nothing_usable;
    case Rejection::too_many_requests:
      return UpgradeResult::too_many_requests;
  }
  USHER_CHECK(false);
}

}  // namespace

void SessionMetrics::on_redeemed(ticket::RedeemOutcome outcome) {
  metrics_.ticket_redeems[to_result(outcome)].add();
}

void SessionMetrics::on_reused() { metrics_.ticket_redeems[RedeemResult::reused].add(); }

void SessionMetrics::on_forged(std::string_view peer_address, TimePoint now) {
  if (forged_ != nullptr) forged_->add(peer_address, now);
}

void SessionMetrics::on_connected() {
  metrics_.upgrades[UpgradeResult::connected].add();
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
