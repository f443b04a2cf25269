// A ticket store behind two gates. While a gate is closed, calls do not reach the store. They are
// answered `unavailable`, as if the store could not be reached.
//
// `dev_fault`: the fault "store down" of `--dev` and `usher demo`; open in all other cases.
// `revocations_loaded`: closed until this gateway knows the revocations of all other gateways; used
// by the Redis engine. A revocation that is not loaded may name the session behind a ticket, so no
// ticket is redeemed meanwhile. The memory engine has no other gateways and needs no such gate.
//
// Threads: as the store behind it. Gates may be read from any thread, and several stores may share
// one.
// Borrows: the store and the gates.
#pragma once

#include <atomic>
#include <cstdint>

#include "ticket/ticket_store.h"

namespace usher::ticket {

// Threads: any.
class DevFault {
 public:
  void set(bool is_on) { is_on_ = is_on; }
  bool is_on() const { return is_on_; }

 private:
  std::atomic<bool> is_on_ = false;
};

// Closed at the start. Tickets may be issued as soon as the revocations have been loaded once:
// revocations missed since then are checked when the ticket is redeemed.
//
// Threads: set by one thread, read from any.
class RevocationsLoaded {
 public:
  void set_loaded() { state_ = State::loaded; }
  // Called when the link to the other gateways is lost. Does nothing before the first set_loaded().
  void set_outdated() {
    if (state_ == State::loaded) state_ = State::outdated;
  }
  bool may_issue() const { return state_ != State::never; }
  bool may_redeem() const { return state_ == State::loaded; }

 private:
  enum class State : std::uint8_t { never, outdated, loaded };
  std::atomic<State> state_ = State::never;
};

// A null pointer means that there is no such gate.
struct TicketGates {
  const DevFault* dev_fault = nullptr;
  const RevocationsLoaded* revocations_loaded = nullptr;
};

class GatedTicketStore final : public TicketStore {
 public:
  GatedTicketStore(TicketStore& store, TicketGates gates) : store_(store), gates_(gates) {}

  void put(const TicketHash& hash, Grant grant, Duration ttl, PutHandler done) override {
    const auto* const loaded = gates_.revocations_loaded;
    if (is_broken() || (loaded != nullptr && !loaded->may_issue())) {
      return done(PutError::unavailable);
    }
    store_.put(hash, std::move(grant), ttl, std::move(done));
  }

  void redeem(const TicketHash& hash, RedeemHandler done) override {
    const auto* const loaded = gates_.revocations_loaded;
    if (is_broken() || (loaded != nullptr && !loaded->may_redeem())) {
      return done(Redeemed::unavailable());
    }
    store_.redeem(hash, std::move(done));
  }

  void connection_ended(const TicketHash& hash) override { store_.connection_ended(hash); }

 private:
  bool is_broken() const { return gates_.dev_fault != nullptr && gates_.dev_fault->is_on(); }

  TicketStore& store_;
  const TicketGates gates_;
};

}  // namespace usher::ticket
