// Issuing a ticket: mints it, stores its grant, and makes the log line and the answer of it.
//
// POST /auth/ticket and the server API's call both issue here.
//
// Threads: as the store's.
#pragma once

#include <chrono>
#include <string>

#include "base/entropy.h"
#include "base/log.h"
#include "base/log_identity.h"
#include "ticket/ticket_store.h"

namespace usher::ticket {

struct IssuedTicket {
  Ticket ticket;
  TicketHash hash;
  std::chrono::seconds ttl;
};

using IssueHandler = UniqueFunction<void(Result<IssuedTicket, PutError>)>;

// Calls `done` once, with the ticket when the store has it. Requires ttl > 0.
void issue(TicketStore& store, Entropy& entropy, Grant grant, std::chrono::seconds ttl,
           IssueHandler done);

// The line of an issued ticket: its hash, never the ticket.
void log_issued(Log& log, const IssuedTicket& issued, const LogIdentity& who);

// `{"ticket":"9f86…","expires_in":30}`, for the client alone.
std::string to_json(const IssuedTicket& issued);

}  // namespace usher::ticket
