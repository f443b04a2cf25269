// A ticket store with a switch: while it is off, whatever is asked of it is `unavailable`, as a
// store behind a dead network. For `usher demo` and for trying things out. Several stores may hang
// on one switch.
//
// Threads: as the store behind it; the switch may be set from any.  Borrows: that store, the
// switch.
#pragma once

#include <atomic>

#include "ticket/ticket_store.h"

namespace usher::apps {

class TicketSwitch {
 public:
  void set_available(bool available) { available_ = available; }
  bool available() const { return available_; }

 private:
  std::atomic<bool> available_ = true;
};

class SwitchedTicketStore final : public ticket::TicketStore {
 public:
  SwitchedTicketStore(ticket::TicketStore& store, const TicketSwitch& ticket_switch)
      : store_(store), switch_(ticket_switch) {}

  void put(const ticket::TicketHash& hash, ticket::Grant grant, Duration ttl,
           PutHandler done) override {
    if (!switch_.available()) return done(ticket::PutError::unavailable);
    store_.put(hash, std::move(grant), ttl, std::move(done));
  }

  void redeem(const ticket::TicketHash& hash, RedeemHandler done) override {
    if (!switch_.available()) return done(ticket::Redeemed::unavailable());
    store_.redeem(hash, std::move(done));
  }

 private:
  ticket::TicketStore& store_;
  const TicketSwitch& switch_;
};

}  // namespace usher::apps
