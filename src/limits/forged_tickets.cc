#include "limits/forged_tickets.h"

#include "limits/address_key.h"
#include "limits/node_rate.h"

namespace usher::limits {
namespace {

// A client shows a spent or forgotten ticket once, and then a new one; an office has many clients.
constexpr RateLimit kPerAddress{5, std::chrono::seconds(10)};

}  // namespace

ForgedTickets::ForgedTickets(NodeRate& accept_rate, Entropy& entropy)
    : accept_rate_(accept_rate), per_address_(kPerAddress, {}, entropy) {}

void ForgedTickets::add(std::string_view peer_address, TimePoint now) {
  accept_rate_.take(now);
  per_address_.take(address_key(peer_address), now);
}

Admission ForgedTickets::peek(std::string_view peer_address, TimePoint now) const {
  if (accept_rate_.peek(now)) return {};
  return per_address_.peek(address_key(peer_address), now);
}

}  // namespace usher::limits
