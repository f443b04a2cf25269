// Tickets of a single gateway process, lost when it exits.
//
// Striped: a ticket lives in the stripe that its hash names, each with a lock of its own, so shards
// rarely meet. Within a stripe live tickets stand in the order of their issue, which with one ttl
// is the order of their expiry: each call drops what is due from the front of one stripe, in turn,
// and nothing is ever searched for.
//
// A young store can't tell a ticket that it never saw from one that its predecessor issued: for
// `forgetful_for` it answers expired instead of unknown. The same while a tombstone that it had to
// drop early would still have stood.
//
// Threads: any. Every call completes inline, with no lock held while the handler runs.
// Borrows: the clock, which must outlive it.
// Limits: MemoryTicketStoreOptions.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "ticket/ticket_shares.h"
#include "ticket/ticket_store.h"

namespace usher::ticket {

struct MemoryTicketStoreOptions {
  std::size_t live_max = 500'000;              // further tickets are refused as overloaded
  std::size_t live_bytes_max = 256 * 1048576;  // likewise, by the bytes that live grants occupy
  TicketShareRules shares{};                   // of each payer, in both
  SipKey payer_key{};                          // random, so that no payer can take another's share
  std::size_t tombstones_max = 1'500'000;      // beyond it the oldest are forgotten
  std::size_t stripes = 64;                    // a power of two; tombstones_max is split evenly
  Duration forgetful_for = std::chrono::seconds(90);  // the ttl and kTombstoneFor
};

class MemoryTicketStore final : public TicketStore {
 public:
  MemoryTicketStore(const Clock& clock, MemoryTicketStoreOptions options);
  ~MemoryTicketStore() override;

  void put(const TicketHash& hash, Grant grant, Duration ttl, PutHandler done) override;
  void redeem(const TicketHash& hash, RedeemHandler done) override;
  void connection_ended(const TicketHash& hash) override;

  // Drops a bounded number of expired tickets and tombstones, in all stripes. Traffic does so by
  // itself; a process that may fall idle calls this about once a second.
  void sweep();

  struct Usage {
    std::size_t live = 0;
    std::size_t live_bytes = 0;
    std::size_t tombstones = 0;
  };
  Usage usage() const;

 private:
  struct Stripe;
  struct Freed;

  Stripe& stripe_of(const TicketHash& hash) const;
  bool reserve(std::uint64_t payer, std::size_t bytes);
  void release(std::size_t tickets, std::size_t bytes);
  void release(const Freed& freed);
  void sweep_next();
  Result<void, PutError> put_now(const TicketHash& hash, Grant grant, Duration ttl);
  Redeemed redeem_now(const TicketHash& hash);

  const Clock& clock_;
  const MemoryTicketStoreOptions options_;
  const std::unique_ptr<Stripe[]> stripes_;
  TicketShares shares_;
  std::atomic<std::size_t> live_ = 0;
  std::atomic<std::size_t> live_bytes_ = 0;
  std::atomic<std::size_t> next_to_sweep_ = 0;
};

}  // namespace usher::ticket
