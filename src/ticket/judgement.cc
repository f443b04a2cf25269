#include "ticket/judgement.h"

#include <utility>

#include "auth/origin.h"
#include "ticket/grant.h"

namespace usher::ticket {

Result<Grant, RefusedTicket> judge(Redeemed redeemed, const Showing& showing,
                                   RedeemObserver& observer) {
  observer.on_redeemed(redeemed.outcome);
  switch (redeemed.outcome) {
    case RedeemOutcome::ok:
      return judge(std::move(redeemed.grant), showing);
    case RedeemOutcome::expired:
      return RefusedTicket{TicketFault::expired, redeemed.age};
    case RedeemOutcome::unknown:
      return RefusedTicket{TicketFault::invalid};
    case RedeemOutcome::unavailable:
      return RefusedTicket{TicketFault::unavailable};
    case RedeemOutcome::consumed:
      break;
  }
  observer.on_replay();
  return RefusedTicket{TicketFault::replayed};
}

Result<Grant, RefusedTicket> judge(Grant grant, const Showing& showing) {
  const auto refused = [&grant](TicketFault why) {
    return RefusedTicket{why, {}, std::move(grant.session), std::move(grant.user)};
  };
  if (grant.origin && !auth::is_same_origin(*grant.origin, showing.origin)) {
    return refused(TicketFault::origin_mismatch);
  }
  if (showing.revocations.is_revoked(bearer_of(grant), showing.now)) {
    return refused(TicketFault::revoked);
  }
  return grant;
}

bool may_be_forged(const RefusedTicket& refused) {
  if (refused.why == TicketFault::expired) return !refused.age;
  return refused.why == TicketFault::invalid || refused.why == TicketFault::replayed;
}

}  // namespace usher::ticket
