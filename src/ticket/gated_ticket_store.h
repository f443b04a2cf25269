// A ticket store with a switch: while it is off, whatever is asked of it is `unavailable`, as a
// store behind a dead network. For `usher demo` and for trying things out. Several stores may hang
// on one switch.
//
// Threads: as the store behind it; the switch may be set from any.  Borrows: that store, the
// switch.
#pragma once

#include <atomic>

#include "ticket/ticket_store.h"

namespace usher::ticket {

class TicketGate {
 public:
  void set_available(bool available) { available_ = available; }
  bool available() const { return available_; }

 private:
  std::atomic<bool> available_ = true;
};

class GatedTicketStore final : public TicketStore {
 public:
  // `redeem_switch`: besides, for redemptions alone.
  GatedTicketStore(TicketStore& store, const TicketGate& ticket_switch,
                   const TicketGate* redeem_switch = nullptr)
      : store_(store), switch_(ticket_switch), redeem_switch_(redeem_switch) {}

  void put(const TicketHash& hash, Grant grant, Duration ttl, PutHandler done) override {
    if (!switch_.available()) return done(PutError::unavailable);
    store_.put(hash, std::move(grant), ttl, std::move(done));
  }

  void redeem(const TicketHash& hash, RedeemHandler done) override {
    const bool may_redeem = redeem_switch_ == nullptr || redeem_switch_->available();
    if (!switch_.available() || !may_redeem) return done(Redeemed::unavailable());
    store_.redeem(hash, std::move(done));
  }

  void connection_ended(const TicketHash& hash) override { store_.connection_ended(hash); }

 private:
  TicketStore& store_;
  const TicketGate& switch_;
  const TicketGate* const redeem_switch_;
};

}  // namespace usher::ticket
