// Who shows tickets that open nothing, so that guessing does not wear out the ticket store.
//
// A forged ticket looks like a good one until the store has been asked. So it is paid for
// afterwards: each that was unknown or spent costs a turn of the node's accept rate, and is held
// against its address. Only when that rate is used up does anybody notice: then addresses with more
// than a few such tickets of late are turned away before the store is asked, and all others still
// get in. A good ticket is refused only at an address that is guessing while the node is flooded.
//
// A ticket that is known to have expired costs nothing; while the store has lost its memory
// (ticket_store.h) each that it does not know does, be it forged or only forgotten.
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

  // A ticket from `peer_address` has opened nothing.
  void add(std::string_view peer_address, TimePoint now);

  // Whether one more ticket from there may be shown to the store.
  Admission peek(std::string_view peer_address, TimePoint now) const;

 private:
  NodeRate& accept_rate_;
  RateLimiter per_address_;
};

}  // namespace usher::limits
