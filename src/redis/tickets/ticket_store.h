// The ticket store that several gateways share: any of them may issue and redeem, in one Redis.
//
// Issuing is one command, redeeming is one command (ticket_scripts.h). No ticket is redeemed twice,
// whatever happens to Redis: each record belongs to one generation, and in another one it is
// `expired`. For 90 s, a Redis that is empty, restarted or promoted answers `expired` for tickets
// that it does not know.
//
// If an answer is lost, the outcome is open: the result is `unavailable`, and the ticket may be
// spent. The result is `overloaded` if Redis has no memory for another ticket (maxmemory,
// noeviction), or holds outstanding_max tickets or outstanding_bytes_max bytes of all gateways.
//
// Threads: the shard's; one for each shard. Borrows: its link, the entropy.
// Limits: those of the link, TicketStoreOptions, and Redis' maxmemory.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/entropy.h"
#include "redis/link/commands.h"
#include "ticket/ticket_shares.h"
#include "ticket/ticket_store.h"

namespace usher::redis {

struct TicketStoreOptions {
  std::string key_prefix = "usher:";
  Duration forgetful_for = std::chrono::seconds(90);  // the ttl and kTombstoneFor
  std::size_t outstanding_max = 500'000;              // live tickets of all gateways
  std::size_t outstanding_bytes_max = 256 * 1048576;  // their size in Redis
  ticket::TicketShareRules shares{};                  // of each payer, in both
};

class RedisTicketStore final : public ticket::TicketStore {
 public:
  RedisTicketStore(Commands& commands, Entropy& entropy, TicketStoreOptions options = {});

  // The prefix must be the same.
  void set_options(TicketStoreOptions options) { options_ = std::move(options); }

  void put(const ticket::TicketHash& hash, ticket::Grant grant, Duration ttl,
           PutHandler done) override;
  void redeem(const ticket::TicketHash& hash, RedeemHandler done) override;
  void connection_ended(const ticket::TicketHash& hash) override;

 private:
  void claim();
  Commands::Words keys(const ticket::TicketHash& hash) const;
  Commands::Words counted_keys(const ticket::TicketHash& hash) const;
  std::string payer_key() const;
  Commands::Words generation_arguments();

  Commands& commands_;
  Entropy& entropy_;
  TicketStoreOptions options_;
  const Script claim_script_;
  const Script put_script_;
  const Script redeem_script_;
  const Script end_script_;
  std::uint64_t claimed_connection_ = 0;  // the connection whose generation has been checked
};

}  // namespace usher::redis
