// The addresses that present invalid tickets, so that guessing does not overload the ticket store.
//
// A forged ticket looks like a good one until the store has been asked. So its cost is charged
// afterwards: each ticket that was unknown or spent counts once against the node's accept rate, and
// against its address. This has no effect until the accept rate is used up. Then an address with
// more than a few such tickets in recent time is refused before the store is asked; all other
// addresses still get in. A good ticket is refused only if its address is guessing while the node
// is flooded.
//
// A ticket that is known to have expired costs nothing. While the store has lost its memory
// (ticket_store.h), each ticket that it does not know counts, whether forged or forgotten.
//
// Threads: any.  Borrows: the node's rate.  Limits: RateLimiterOptions of its own limiter.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/entropy.h"
#include "limits/rate_limiter.h"

namespace usher::limits {

class NodeRate;

class ForgedTickets {
 public:
  // Borrows `entropy` during the call only.
  ForgedTickets(NodeRate& accept_rate, Entropy& entropy);

  // Counts a ticket from `peer_address` that was unknown or spent.
  void add(std::string_view peer_address, TimePoint now);

  // Returns whether the store may be asked for one more ticket from `peer_address`.
  Admission peek(std::string_view peer_address, TimePoint now) const;

 private:
  NodeRate& accept_rate_;
  RateLimiter per_address_;
};

}  // namespace usher::limits
