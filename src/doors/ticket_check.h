// The way of a ticket that is shown at a door without a socket of usher's: the redeem call and the
// verify door.
//
// The order is that of /ws (contract section 2.1): the Origin against client.allowed_origins, so
// that a foreign page cannot spend a ticket; the ticket's form; then it is redeemed and judged
// (ticket/judgement.h). A refusal is logged here, with the message that /ws has, and `door`.
//
// Threads: its shard's. Borrows: TicketCheckDependencies, which must outlive the answers.
#pragma once

#include <optional>
#include <string_view>

#include "auth/origin_policy.h"
#include "auth/revocations.h"
#include "base/log.h"
#include "base/log_identity.h"
#include "base/snapshot.h"
#include "base/wall_clock.h"
#include "ticket/judgement.h"
#include "wire/ws_handshake.h"

namespace usher::doors {

// What the client has shown. Views are used during the call only.
struct ShownTicket {
  wire::TicketOffer offer = wire::TicketOffer::none;
  std::string_view ticket;
  std::optional<std::string_view> origin;  // of the client's request; nullopt: it had none
};

struct TicketCheckDependencies {
  ticket::TicketStore& tickets;
  const Snapshot<auth::OriginPolicy>& origins;
  const auth::Revocations& revocations;
  const WallClock& wall_clock;
  Log& log;
  Log& reject_log;  // rate-limited: a flood must not fill the disk
  ticket::RedeemObserver& observer;
  Identities identities = Identities::hash;
};

class TicketCheck {
 public:
  using Done = UniqueFunction<void(Result<ticket::Grant, ticket::RefusedTicket>)>;

  // `door`: a literal, for the log.
  TicketCheck(TicketCheckDependencies dependencies, std::string_view door)
      : dependencies_(dependencies), door_(door) {}

  // Calls `done` once, inline or later.
  void start(const ShownTicket& shown, Done done);

  // Writes the line of a ticket that has let its bearer in. `client`: the id that the door has
  // given.
  void log_admitted(const ticket::Grant& grant, std::string_view client) const;

 private:
  void refuse(const ticket::RefusedTicket& refused, std::string_view ticket_hash,
              std::optional<std::string_view> origin, Done done) const;

  TicketCheckDependencies dependencies_;
  std::string_view door_;
};

}  // namespace usher::doors
