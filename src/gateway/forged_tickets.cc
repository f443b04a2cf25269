#include "gateway/forged_tickets.h"

#include "auth/address_key.h"
#include "gateway/node_rate.h"

namespace usher::gateway {
namespace {

// A client shows a spent or forgotten ticket once, and then a new one; an office has many clients.
constexpr auth::RateLimit kPerAddress{5, std::chrono::seconds(10)};

}  // namespace

ForgedTickets::ForgedTickets(NodeRate& accept_rate, Entropy& entropy)
    : accept_rate_(accept_rate), per_address_(kPerAddress, {}, entropy) {}

void ForgedTickets::add(std::string_view peer_address, TimePoint now) {
  accept_rate_.take(now);
  per_address_.take(auth::address_key(peer_address), now);
}

auth::Admission ForgedTickets::peek(std::string_view peer_address, TimePoint now) const {
  if (accept_rate_.peek(now)) return {};
  return per_address_.peek(auth::address_key(peer_address), now);
}

}  // namespace usher::gateway
