// Creation of tickets, and the check of their form: 128 random bits as 32 lowercase hex digits.
//
// Threads: plain functions.
#pragma once

#include <string_view>

#include "base/entropy.h"
#include "ticket/ticket.h"

namespace usher::ticket {

Ticket mint(Entropy& entropy);

// Returns the hash of any text, well-formed or not. Stores are asked with this hash.
TicketHash hash(std::string_view ticket_text);

// Returns whether `text` is exactly 32 lowercase hex digits. Any other text is refused without
// asking a store.
bool is_well_formed(std::string_view text);

}  // namespace usher::ticket
