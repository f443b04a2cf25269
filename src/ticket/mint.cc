#include "ticket/mint.h"

namespace usher::ticket {

Ticket mint(Entropy& entropy) { return Ticket{to_hex(entropy.bytes<16>())}; }

TicketHash hash(std::string_view ticket_text) { return TicketHash{sha256(ticket_text)}; }

bool is_well_formed(std::string_view text) {
  std::array<std::byte, 16> bits;
  return from_hex(text, bits);
}

}  // namespace usher::ticket
