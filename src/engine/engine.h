// What is behind tickets and channels: this process (engine.type = "memory"), or a Redis that any
// number of gateways share ("redis").
//
// Threads: made before the shards' threads start, destroyed after they ended; what belongs to a
// shard is used on its thread. Borrows: what EngineParts names.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/revocations.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/log.h"
#include "base/wall_clock.h"
#include "config/config.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/shard_post.h"
#include "ticket/ticket_store.h"

namespace usher::api {
class Revoker;
}
namespace usher::metrics {
class MetricsPage;
}
namespace usher::net {
class Shard;
}

namespace usher::engine {

// What another gateway has revoked, or all that is in force; some of it again and again. Called on
// the first shard.
using RevokedHandler = std::function<void(auth::RevokedBy by, const std::string& name,
                                          WallTime revoked_at, WallTime until)>;

struct EngineParts {
  const config::Config& config;
  std::string node;  // this process' name among the others
  const hub::ChannelRules& rules;
  const Clock& clock;
  Entropy& entropy;
  Log& log;
  hub::ShardPost& post;
  std::vector<net::Shard*> shards;
  const WallClock& wall_clock;
  RevokedHandler on_revoked;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual hub::Broker& broker(std::size_t shard) = 0;
  virtual ticket::TicketStore& tickets(std::size_t shard) = 0;
  virtual api::Revoker* revoker(std::size_t) { return nullptr; }

  // Before the threads start.
  virtual void start() {}
  // About once a second, on the first shard.
  virtual void tick() {}
  // The gateway drains: the others need not wait for it. On the first shard.
  virtual void say_goodbye() {}
  // Why /readyz says no. Any thread.
  virtual std::vector<std::string> not_ready_reasons() const { return {}; }
  // Whether all that other gateways have revoked has been told. Any thread.
  virtual bool are_revocations_known() const { return true; }
  virtual void add_metrics(metrics::MetricsPage& page) const = 0;
};

// Throws one sentence where a file of the configuration can't be used.
std::unique_ptr<Engine> make_engine(EngineParts parts);

// Only throws.
void check_engine_files(const config::Config& config);

std::unique_ptr<Engine> make_memory_engine(EngineParts parts);
std::unique_ptr<Engine> make_redis_engine(EngineParts parts);
void check_redis_files(const config::Config& config);

}  // namespace usher::engine
