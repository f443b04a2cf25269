// The engine, which keeps tickets, channels and revocations: in this process
// (engine.type = "memory"), or in a Redis that any number of gateways share ("redis").
//
// Threads: created before the shards' threads start, destroyed after they have ended. The objects
// of a shard are used on its thread.
// Borrows: the objects that EngineParts refers to.
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

// Receives the revocations of other gateways: a new one, or all that are in force. The same
// revocation may be passed several times. Called on the first shard.
using RevokedHandler = std::function<void(auth::RevokedBy by, const std::string& name,
                                          WallTime revoked_at, WallTime until)>;

struct EngineParts {
  const config::Config& config;
  std::string node;  // the name of this process among the nodes
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

  // Takes over the limits of a reload: those that all shards share (any thread), and those of one
  // shard (its thread, in a turn).
  virtual void take_over(const config::Config&) {}
  virtual void take_over(std::size_t, const config::Config&) {}

  virtual hub::Broker& broker(std::size_t shard) = 0;
  virtual ticket::TicketStore& tickets(std::size_t shard) = 0;
  virtual api::Revoker* revoker(std::size_t) { return nullptr; }

  // Called before the shards' threads start.
  virtual void start() {}
  // Called about once a second, on the first shard.
  virtual void tick() {}
  // Called on the first shard when the gateway drains: other gateways need not wait for it.
  virtual void say_goodbye() {}
  // Returns the reasons why the engine is not ready, for /readyz; empty: it is ready. Any thread.
  virtual std::vector<std::string> not_ready_reasons() const { return {}; }
  // Returns whether all revocations of other gateways have been passed to `on_revoked`. Any thread.
  virtual bool are_revocations_known() const { return true; }
  virtual void add_metrics(metrics::MetricsPage& page) const = 0;
};

// Throws if a file that the configuration names can't be used; what() is one sentence.
std::unique_ptr<Engine> make_engine(EngineParts parts);

// Throws as make_engine() does, and creates no engine.
void check_engine_files(const config::Config& config);

std::unique_ptr<Engine> make_memory_engine(EngineParts parts);
std::unique_ptr<Engine> make_redis_engine(EngineParts parts);
void check_redis_files(const config::Config& config);

}  // namespace usher::engine
