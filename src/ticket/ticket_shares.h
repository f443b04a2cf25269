// How much of the room for live tickets each payer holds. Without it, a few payers could fill the
// store for all.
//
// A payer may hold a fraction of the room that is still free. So with more payers each share
// becomes smaller, and some room stays free for the next payer. Each payer may hold a small minimum
// in any case. Both engines count by these rules (redis/tickets/ticket_scripts.h).
//
// Threads: any. Striped by payer, each stripe with a lock of its own.
// Limits: one entry for each payer with a live ticket.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/sip_hash.h"

namespace usher::ticket {

struct TicketShareRules {
  std::size_t free_parts = 4;        // a payer may hold 1/free_parts of the free room; 0: all
  std::size_t tickets_min = 16;      // what a payer may hold in any case
  std::size_t bytes_min = 2 * 1024;  // likewise
};

// Returns whether a payer may hold `mine`, the new ticket included. `always` is the minimum that a
// payer may hold in any case.
inline bool is_within_share(const TicketShareRules& rules, std::size_t mine, std::size_t always,
                            std::size_t free) {
  return rules.free_parts == 0 || mine <= always || mine <= free / rules.free_parts;
}

class TicketShares {
 public:
  explicit TicketShares(TicketShareRules rules);
  ~TicketShares();

  // Returns the key of the payer's name; 0 for an empty name, which has no share. All gateways
  // compute the same key.
  static std::uint64_t key_of(std::string_view payer);
  // The same for a store that no other gateway shares, at a fraction of the cost. `key` must be
  // secret: payers choose their names.
  static std::uint64_t key_of(std::string_view payer, const SipKey& key);

  // May be called from any thread. Payers that hold more keep it.
  void set_free_parts(std::size_t free_parts) { free_parts_ = free_parts; }

  // Counts a new ticket for the payer. `tickets_free` and `bytes_free` are the room that is left
  // beside it. Returns false if the payer's share is exceeded; then nothing is counted.
  bool take(std::uint64_t payer, std::size_t bytes, std::size_t tickets_free,
            std::size_t bytes_free);
  void give_back(std::uint64_t payer, std::size_t bytes);

  std::size_t payers() const;

 private:
  struct Stripe;
  Stripe& stripe_of(std::uint64_t payer) const;

  const TicketShareRules rules_;
  std::atomic<std::size_t> free_parts_;  // in place of the rules' own
  const std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace usher::ticket
