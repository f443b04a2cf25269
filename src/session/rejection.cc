#include "session/rejection.h"

#include "base/check.h"
#include "ticket/judgement.h"

namespace usher::session {
namespace {

using wire::CloseCode;
using wire::CloseReason;

constexpr CloseReason kOriginBlocked{CloseCode::policy_violation, "ORIGIN_BLOCKED"};
constexpr CloseReason kOriginBlockedForSdk{CloseCode::origin_blocked, "ORIGIN_BLOCKED"};
constexpr CloseReason kNotAuthorized{CloseCode::policy_violation, "NOT_AUTHORIZED"};
constexpr CloseReason kNotAuthorizedForSdk{CloseCode::not_authorized, "NOT_AUTHORIZED"};
constexpr CloseReason kUnavailable{CloseCode::try_again_later, "STORE_UNAVAILABLE"};
constexpr CloseReason kExpired{CloseCode::ticket_expired, "TICKET_EXPIRED"};
constexpr CloseReason kRevoked{CloseCode::session_revoked, "SESSION_REVOKED"};
constexpr CloseReason kTooMany{CloseCode::try_again_later, "RATE_LIMITED"};

using ticket::log_message;
using ticket::TicketFault;

constexpr RejectionRow kOrigin{kOriginBlocked, kOriginBlockedForSdk,
                               log_message(TicketFault::origin_blocked)};
constexpr RejectionRow kNoTicket{kNotAuthorized, kNotAuthorizedForSdk,
                                 log_message(TicketFault::missing)};
constexpr RejectionRow kStore{kUnavailable, kUnavailable, log_message(TicketFault::unavailable)};
constexpr RejectionRow kInvalid{kNotAuthorized, kNotAuthorizedForSdk,
                                log_message(TicketFault::invalid)};
constexpr RejectionRow kReplayed{kNotAuthorized, kNotAuthorizedForSdk,
                                 log_message(TicketFault::replayed)};
constexpr RejectionRow kTicketExpired{kExpired, kExpired, log_message(TicketFault::expired)};
constexpr RejectionRow kSessionRevoked{kRevoked, kRevoked, log_message(TicketFault::revoked)};
constexpr RejectionRow kGuest{kNotAuthorized, kNotAuthorizedForSdk,
                              "WS: Rejected - guests may not use this upstream"};
constexpr RejectionRow kNothing{kNotAuthorized, kNotAuthorizedForSdk,
                                "WS: Rejected - nothing usable"};
constexpr RejectionRow kKeyUnknown{kUnavailable, kUnavailable, "WS: Rejected - token key unknown"};
constexpr RejectionRow kRate{kTooMany, kTooMany, "WS: Rejected - too many requests"};

}  // namespace

const RejectionRow& row(Rejection rejection) {
  switch (rejection) {
    case Rejection::origin_blocked:
    case Rejection::origin_mismatch:
      return kOrigin;
    case Rejection::no_ticket:
      return kNoTicket;
    case Rejection::store_unavailable:
      return kStore;
    case Rejection::ticket_invalid:
      return kInvalid;
    case Rejection::ticket_replayed:
      return kReplayed;
    case Rejection::ticket_expired:
      return kTicketExpired;
    case Rejection::session_revoked:
      return kSessionRevoked;
    case Rejection::nothing_usable:
      return kNothing;
    case Rejection::guest_refused:
      return kGuest;
    case Rejection::too_many_requests:
      return kRate;
    case Rejection::key_unknown:
      return kKeyUnknown;
  }
  USHER_CHECK(false);
}

}  // namespace usher::session
