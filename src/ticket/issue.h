// Issuing a ticket: mints it, stores its grant, and makes its log line and the answer.
//
// Both POST /auth/ticket and the server API use it.
//
// Threads: as the store.
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

// Calls `done` once, with the ticket after the store has accepted it. Requires: ttl > 0.
void issue(TicketStore& store, Entropy& entropy, Grant grant, std::chrono::seconds ttl,
           IssueHandler done);

// Writes the log line of an issued ticket, with its hash, never the ticket itself.
void log_issued(Log& log, const IssuedTicket& issued, const LogIdentity& who);

// Returns `{"ticket":"9f86…","expires_in":30}`, for the client alone.
std::string to_json(const IssuedTicket& issued);

}  // namespace usher::ticket
