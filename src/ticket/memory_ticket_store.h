// Tickets of a single gateway process, lost when it exits.
//
// Striped: a ticket lives in the stripe that its hash names, each with a lock of its own, so shards
// rarely meet. Within a stripe live tickets stand in the order of their issue, which with one ttl
// is the order of their expiry: each call drops what is due from the front, and nothing is ever
// searched for.
//
// A young store can't tell a ticket that it never saw from one that its predecessor issued: for
// `forgetful_for` it answers expired instead of unknown. It does the same while a tombstone that it
// had to drop early would have lived.
//
// Threads: any. Every call completes inline, with no lock held while the handler runs.
// Borrows: the clock, which must outlive it.
// Limits: MemoryTicketStoreOptions.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "ticket/ticket_store.h"

namespace usher::ticket {

struct MemoryTicketStoreOptions {
  std::size_t live_max = 1'000'000;            // further tickets are refused: overloaded
  std::size_t live_bytes_max = 256 * 1048576;  // likewise, by what the live grants occupy
  std::size_t tombstones_max = 3'000'000;  // at 64 bytes each; beyond it the oldest are forgotten
  std::size_t stripes = 64;  // a power of two; tombstones are bounded stripe by stripe
  Duration forgetful_for = std::chrono::seconds(90);  // the ttl plus kTombstoneFor
};

class MemoryTicketStore final : public TicketStore {
 public:
  MemoryTicketStore(const Clock& clock, MemoryTicketStoreOptions options);
  ~MemoryTicketStore() override;

  void put(const TicketHash& hash, Grant grant, Duration ttl, PutHandler done) override;
  void redeem(const TicketHash& hash, RedeemHandler done) override;

  // Lets go of whatever is due, in all stripes. Traffic does the same bit by bit; an idle process
  // may call it now and then.
  void sweep();

  struct Usage {
    std::size_t live = 0;
    std::size_t live_bytes = 0;
    std::size_t tombstones = 0;
  };
  Usage usage() const;

 private:
  struct Stripe;

  Stripe& stripe_of(const TicketHash& hash);
  void sweep_next(TimePoint now);
  bool reserve(std::size_t bytes);
  Result<void, PutError> put_now(const TicketHash& hash, Grant grant, Duration ttl);
  Redeemed redeem_now(const TicketHash& hash);

  const Clock& clock_;
  const MemoryTicketStoreOptions options_;
  std::unique_ptr<Stripe[]> stripes_;
  std::atomic<std::size_t> live_ = 0;
  std::atomic<std::size_t> live_bytes_ = 0;
  std::atomic<std::size_t> sweep_next_ = 0;
};

}  // namespace usher::ticket
