// Tickets that any of several gateways may issue and redeem, in one Redis.
//
// One command to issue, one to redeem (ticket_scripts.h). No ticket is redeemed twice, whatever
// becomes of Redis: each record belongs to one generation, and under another one it is `expired`.
// A Redis that is empty, restarted or promoted calls what it does not know `expired` for 90 s.
//
// An answer that is lost leaves the outcome open: `unavailable`, and the ticket may be spent.
// Redis without room for another ticket (maxmemory, noeviction) is `overloaded`, as is one with as
// many as outstanding_max and outstanding_bytes_max allow, over all gateways.
//
// Threads: the shard's; one for each shard.  Borrows: its link, the entropy.
// Limits: those of the link, TicketStoreOptions, and Redis' maxmemory.
#pragma once

#include <cstdint>
#include <string>

#include "base/entropy.h"
#include "redis/link/commands.h"
#include "ticket/ticket_shares.h"
#include "ticket/ticket_store.h"

namespace usher::redis {

struct TicketStoreOptions {
  std::string key_prefix = "usher:";
  Duration forgetful_for = std::chrono::seconds(90);  // the ttl and kTombstoneFor
  std::size_t outstanding_max = 500'000;              // live tickets of all gateways
  std::size_t outstanding_bytes_max = 256 * 1048576;  // what they occupy in Redis
  ticket::TicketShareRules shares{};                  // of each payer, in both
};

class RedisTicketStore final : public ticket::TicketStore {
 public:
  RedisTicketStore(Commands& commands, Entropy& entropy, TicketStoreOptions options = {});

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
  const TicketStoreOptions options_;
  const Script claim_script_;
  const Script put_script_;
  const Script redeem_script_;
  const Script end_script_;
  std::uint64_t claimed_connection_ = 0;  // whose generation is known to be right
};

}  // namespace usher::redis
