// The embedded engine: channels live in the process, each at one home shard.
//
// The home is chosen by a keyed hash of the channel's name. It alone assigns offsets and holds
// history, presence, binding and idempotency keys, encodes each push once, and sends it to every
// shard; so order is the same everywhere, and nothing is locked. Connection counts live by the same
// rule, at the home of the session and of the user.
//
// A stream's position outlives its publications: it is kept while a shard has subscribers, and
// history_ttl longer. Then the channel is forgotten, and starts with a new epoch if it is used
// again.
//
// Threads: a MemoryBroker belongs to its shard's thread; MemoryEngine is made before the threads
// start, and destroyed after they ended. Borrows: rules, clock, entropy (shared by the threads),
// post. Limits: MemoryBrokerOptions, for each shard.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/shard_post.h"

namespace usher::hub {

struct MemoryBrokerOptions {
  std::size_t connections_per_session_max = 20;  // over all shards; 0: no limit
  std::size_t connections_per_user_max = 50;     // over all shards; 0: no limit

  // The rest is for each home shard.
  std::size_t channels_max = 1'000'000;  // with history, presence or an owner; then limit_exceeded
  std::size_t history_bytes_max = std::size_t{256}
                                  << 20;  // over it the channel that was quiet longest is trimmed
  std::size_t presence_per_channel_max = 10'000;
  std::size_t presence_max = 1'000'000;
  std::size_t idempotency_keys_max = 262'144;  // then a publish with a new key gets limit_exceeded
  Duration idempotency_ttl = std::chrono::minutes(5);
};

class MemoryBroker;

// The brokers of all shards of one process.
class MemoryEngine {
 public:
  MemoryEngine(MemoryBrokerOptions options, const ChannelRules& rules, const Clock& clock,
               Entropy& entropy, ShardPost& post, std::size_t shards);
  ~MemoryEngine();

  Broker& broker(std::size_t shard);
  std::size_t shards() const { return brokers_.size(); }

 private:
  std::vector<std::unique_ptr<MemoryBroker>> brokers_;
};

}  // namespace usher::hub
