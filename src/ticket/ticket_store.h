// The store that keeps issued tickets until they are redeemed.
//
// A ticket is a one-time capability: the first caller that presents it receives its grant, and no
// caller receives it again. A store knows only hashes: it does not mint (mint.h), and it does not
// read grants.
//
// Life of a ticket: it is live for its ttl, then known as expired for kTombstoneFor. A spent ticket
// is known as consumed until the same time. After that time the ticket is unknown.
//
// Threads: handlers are called exactly once, on the loop of the caller, possibly before put() or
// redeem() returns.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "ticket/ticket.h"

namespace usher::ticket {

inline constexpr Duration kTombstoneFor = std::chrono::seconds(60);

enum class PutError : std::uint8_t {
  overloaded,   // the store is at its limit; live tickets are never evicted
  unavailable,  // the store could not be asked, or did not answer in time
};

enum class RedeemOutcome : std::uint8_t {
  ok,           // this call, and no other, has the grant
  expired,      // past its ttl, or from before the store lost its memory: a new ticket helps
  consumed,     // it was redeemed before: a replay
  unknown,      // never issued, or forgotten
  unavailable,  // the store can't be asked, or answers too late; the ticket may still be good
};

struct Redeemed {
  RedeemOutcome outcome = RedeemOutcome::unavailable;
  Grant grant;  // empty unless `ok`

  // consumed: whether the connection that the ticket opened is known to have ended.
  bool has_ended = false;

  // expired: time since the ticket was issued; `nullopt` if the store has lost its memory.
  // consumed: time since its redemption.
  std::optional<Duration> age;

  static Redeemed ok(Grant grant) { return {RedeemOutcome::ok, std::move(grant), false, {}}; }
  static Redeemed expired(std::optional<Duration> age) {
    return {RedeemOutcome::expired, {}, false, age};
  }
  static Redeemed consumed(Duration age) { return {RedeemOutcome::consumed, {}, false, age}; }
  static Redeemed ended(Duration age) { return {RedeemOutcome::consumed, {}, true, age}; }
  static Redeemed unknown() { return {RedeemOutcome::unknown, {}, false, {}}; }
  static Redeemed unavailable() { return {RedeemOutcome::unavailable, {}, false, {}}; }
};

class TicketStore {
 public:
  using PutHandler = UniqueFunction<void(Result<void, PutError>)>;
  using RedeemHandler = UniqueFunction<void(Redeemed)>;

  TicketStore() = default;
  TicketStore(const TicketStore&) = delete;
  TicketStore& operator=(const TicketStore&) = delete;
  virtual ~TicketStore() = default;

  // Makes the ticket redeemable once, until `ttl` has passed. Requires: a fresh hash (see mint())
  // and ttl > 0. All tickets of a store should have the same ttl.
  virtual void put(const TicketHash& hash, Grant grant, Duration ttl, PutHandler done) = 0;

  // Passes the grant to `done` and marks the ticket as consumed, in one atomic step. Of any number
  // of concurrent redemptions of one ticket, on any gateway, exactly one can be `ok`.
  virtual void redeem(const TicketHash& hash, RedeemHandler done) = 0;

  // Records that the connection that the ticket opened has ended, or was never established. From
  // then on `has_ended` is set when the consumed ticket is presented. The record may be lost; then
  // the ticket's next use counts as a replay, which is the safe side.
  virtual void connection_ended(const TicketHash&) {}
};

}  // namespace usher::ticket
