// The ticket store of a single gateway process. Its tickets are lost when the process exits.
//
// The store is striped: a ticket's hash selects its stripe, and each stripe has a lock of its own,
// so shards rarely wait for each other. Within a stripe, live tickets are in the order of their
// issue. With one ttl this is the order of their expiry. Each call drops expired tickets from the
// front of one stripe, the stripes in turn; no call searches for them.
//
// A young store can't tell a ticket that was never issued from one that its predecessor issued. So
// it answers expired instead of unknown for `forgetful_for`. It does the same after it dropped a
// tombstone early, until that tombstone would have been forgotten.
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
  std::size_t live_bytes_max = 256 * 1048576;  // likewise, in bytes that live grants occupy
  TicketShareRules shares{};                   // of each payer, in both limits
  SipKey payer_key{};                          // random, so that no payer can take another's share
  std::size_t tombstones_max = 1'500'000;      // above it the oldest are forgotten
  std::size_t stripes = 64;                    // a power of two; tombstones_max is split evenly
  Duration forgetful_for = std::chrono::seconds(90);  // the ttl and kTombstoneFor
};

class MemoryTicketStore final : public TicketStore {
 public:
  MemoryTicketStore(const Clock& clock, MemoryTicketStoreOptions options);
  ~MemoryTicketStore() override;

  // May be called from any thread. Tickets that are live stay so. The number of tombstones stays as
  // it was at the start.
  void set_limits(std::size_t live_max, std::size_t live_bytes_max, std::size_t free_parts);

  void put(const TicketHash& hash, Grant grant, Duration ttl, PutHandler done) override;
  void redeem(const TicketHash& hash, RedeemHandler done) override;
  void connection_ended(const TicketHash& hash) override;

  // Drops a bounded number of expired tickets and tombstones in all stripes. Other calls do so too;
  // a process that may be idle calls this about once a second.
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
  std::atomic<std::size_t> live_max_;
  std::atomic<std::size_t> live_bytes_max_;
  std::atomic<std::size_t> live_ = 0;
  std::atomic<std::size_t> live_bytes_ = 0;
  std::atomic<std::size_t> next_to_sweep_ = 0;
};

}  // namespace usher::ticket
