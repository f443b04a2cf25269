// The decision on a ticket that has been redeemed: whether it lets its bearer in, and if not, why.
//
// Every door asks here, so that each refuses for the same reasons, in the same order, and counts
// alike: the outcome of the redemption, the Origin that the ticket is bound to, the revocations.
//
// Threads: none of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/revocations.h"
#include "base/wall_clock.h"
#include "ticket/ticket_store.h"

namespace usher::ticket {

enum class TicketFault : std::uint8_t {
  origin_blocked,  // client.allowed_origins does not have it; the ticket was not touched
  missing,         // no ticket was shown
  invalid,         // unknown, malformed, or two different ones
  replayed,        // spent before: a security event
  expired,
  origin_mismatch,  // the ticket is bound to another Origin; it is spent
  revoked,          // its session, user or token is; it is spent
  unavailable,      // the store can't be asked, or answers too late
};

struct RefusedTicket {
  TicketFault why = TicketFault::unavailable;
  std::optional<Duration> age{};  // of an expired ticket; empty if the store has lost its memory
  std::string session{};          // empty: not known
  std::string user{};
};

// Counts redemptions.
class RedeemObserver {
 public:
  virtual ~RedeemObserver() = default;
  virtual void on_redeemed(RedeemOutcome outcome) = 0;
  virtual void on_replay() = 0;  // the alarm: a spent ticket was shown again
};

// Who shows the ticket, and what is known of revocations.
struct Showing {
  std::optional<std::string_view> origin;  // of the request
  const auth::Revocations& revocations;
  WallTime now;
};

// Returns the grant of a ticket that lets its bearer in. Counts the redemption.
Result<Grant, RefusedTicket> judge(Redeemed redeemed, const Showing& showing,
                                   RedeemObserver& observer);

// The same for a grant that no ticket was redeemed for: that of a JWT.
Result<Grant, RefusedTicket> judge(Grant grant, const Showing& showing);

// Returns whether the fault may come from a forged ticket, which the address that shows it pays
// for. A ticket that is known to have expired was good once. A store that has lost its memory
// cannot know that of any ticket, so its `expired` has no age and may hide a forged ticket.
bool may_be_forged(const RefusedTicket& refused);

// Returns the message of the log line, as contract section 2.1 has it.
constexpr std::string_view log_message(TicketFault why) {
  switch (why) {
    case TicketFault::origin_blocked:
    case TicketFault::origin_mismatch:
      return "WS: Rejected - origin blocked";
    case TicketFault::missing:
      return "WS: Rejected - no auth ticket";
    case TicketFault::invalid:
      return "WS: Rejected - ticket invalid or expired";
    case TicketFault::replayed:
      return "WS: Rejected - ticket replayed";
    case TicketFault::expired:
      return "WS: Rejected - ticket expired";
    case TicketFault::revoked:
      return "WS: Rejected - session revoked";
    case TicketFault::unavailable:
      return "WS: Rejected - ticket store unavailable";
  }
  return {};
}

}  // namespace usher::ticket
