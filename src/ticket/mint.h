// Making tickets, and telling their shape: 128 random bits as 32 lowercase hex digits.
//
// Threads: plain functions.
#pragma once

#include <string_view>

#include "base/entropy.h"
#include "ticket/ticket.h"

namespace usher::ticket {

Ticket mint(Entropy& entropy);

// The hash of any text; stores are asked by it.
TicketHash hash(std::string_view ticket_text);

// Exactly 32 lowercase hex digits. Anything else needs no store to be refused.
bool is_well_formed(std::string_view text);

}  // namespace usher::ticket
