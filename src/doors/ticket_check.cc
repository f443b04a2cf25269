#include "doors/ticket_check.h"

#include <string>
#include <utility>
#include <vector>

#include "auth/origin.h"
#include "ticket/mint.h"

namespace usher::doors {

using ticket::RefusedTicket;
using ticket::TicketFault;

void TicketCheck::start(const ShownTicket& shown, Done done) {
  if (!dependencies_.origins.get()->allows(shown.origin)) {
    return refuse({TicketFault::origin_blocked}, {}, shown.origin, std::move(done));
  }
  switch (shown.offer) {
    case wire::TicketOffer::none:
      return refuse({TicketFault::missing}, {}, shown.origin, std::move(done));
    case wire::TicketOffer::several:
      return refuse({TicketFault::invalid}, {}, shown.origin, std::move(done));
    case wire::TicketOffer::malformed:
      return refuse({TicketFault::invalid}, ticket::hash(shown.ticket).for_log(), shown.origin,
                    std::move(done));
    case wire::TicketOffer::one:
      break;
  }
  const ticket::TicketHash hash = ticket::hash(shown.ticket);
  std::optional<std::string> origin;
  if (shown.origin) origin = std::string(*shown.origin);
  dependencies_.tickets.redeem(hash, [this, hash, origin = std::move(origin),
                                      done = std::move(done)](ticket::Redeemed redeemed) mutable {
    const ticket::Showing showing{origin, dependencies_.revocations,
                                  dependencies_.wall_clock.now()};
    auto judged = ticket::judge(std::move(redeemed), showing, dependencies_.observer);
    if (!judged) return refuse(judged.error(), hash.for_log(), origin, std::move(done));
    done(std::move(judged));
  });
}

void TicketCheck::refuse(const RefusedTicket& refused, std::string_view ticket_hash,
                         std::optional<std::string_view> origin, Done done) const {
  std::vector<LogField> fields;
  const std::string host = auth::origin_host(origin);
  if (refused.why == TicketFault::origin_blocked || refused.why == TicketFault::origin_mismatch) {
    fields.emplace_back("originHost", host);
  }
  if (!ticket_hash.empty()) fields.emplace_back("ticketHash", ticket_hash);
  if (refused.age) {
    fields.emplace_back(
        "ageMs", std::chrono::duration_cast<std::chrono::milliseconds>(*refused.age).count());
  }
  const LogIdentity whose(dependencies_.identities, {}, refused.session, refused.user);
  whose.append_to(fields);
  fields.emplace_back("door", door_);
  dependencies_.reject_log.write(LogLevel::warn, ticket::log_message(refused.why), fields);
  done(refused);
}

void TicketCheck::log_admitted(const ticket::Grant& grant, std::string_view client) const {
  write_line(dependencies_.log, LogLevel::info, "[WS] Authenticated via ticket",
             {{"hasUserId", !grant.user.empty()}},
             {dependencies_.identities, client, grant.session, grant.user}, {{"door", door_}});
}

}  // namespace usher::doors
