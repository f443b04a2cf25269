#include "ticket/issue.h"

#include <utility>

#include "ticket/mint.h"
#include "wire/json_writer.h"

namespace usher::ticket {

void issue(TicketStore& store, Entropy& entropy, Grant grant, std::chrono::seconds ttl,
           IssueHandler done) {
  Ticket ticket = mint(entropy);
  const TicketHash hash = ticket::hash(ticket.text);
  store.put(hash, std::move(grant), ttl,
            [issued = IssuedTicket{std::move(ticket), hash, ttl},
             done = std::move(done)](Result<void, PutError> stored) mutable {
              if (!stored) return done(stored.error());
              done(std::move(issued));
            });
}

void log_issued(Log& log, const IssuedTicket& issued, const LogIdentity& who) {
  write_line(log, LogLevel::info, "[WSTicket] Ticket generated",
             {{"hasUserId", !who.user().empty()}, {"ttl", issued.ttl.count()}}, who,
             {{"ticketHash", issued.hash.for_log()}});
}

std::string to_json(const IssuedTicket& issued) {
  std::string out;
  wire::JsonObjectWriter object(out);
  object.text("ticket", issued.ticket.text);
  object.number("expires_in", issued.ttl.count());
  object.end();
  return out;
}

}  // namespace usher::ticket
