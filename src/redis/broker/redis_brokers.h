// The brokers of all shards of one node, and the objects that they share: names, scripts, and the
// node's one line of messages from Redis.
//
// Threads: made before the threads start, destroyed after they ended.
// Borrows: rules, clock, entropy (shared by the threads), post, links; the PubSub, from use() on.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/shard_post.h"
#include "redis/broker/broker_dependencies.h"
#include "redis/broker/broker_scripts.h"
#include "redis/broker/node_line.h"
#include "redis/broker/node_shards.h"
#include "redis/broker/redis_broker.h"
#include "redis/link/commands.h"
#include "redis/link/names.h"
#include "redis/link/pub_sub.h"

namespace usher::redis {

class RedisBrokers {
 public:
  // `links`: one for each shard.
  RedisBrokers(RedisBrokerOptions options, const hub::ChannelRules& rules, const Clock& clock,
               Entropy& entropy, hub::ShardPost& post, const std::vector<Commands*>& links);
  ~RedisBrokers();

  // Requires: the PubSub is the first shard's, and has listener() as its listener. Once, before the
  // threads start.
  PubSubListener& listener() { return line_; }
  void use(PubSub& pub_sub) { line_.use(pub_sub); }

  // Any thread. Connections and clients on a channel that are there stay.
  void set_limits(std::size_t connections_per_session_max, std::size_t connections_per_user_max,
                  std::size_t presence_per_channel_max);

  hub::Broker& broker(std::size_t shard);
  std::size_t shards() const { return brokers_.size(); }

  // Writes a revocation into Redis, after all earlier orders. Calls `done` on that shard; with
  // `unknown` if it will be written as soon as Redis can be reached.
  void revoke(std::size_t shard, Revocation revocation, WallTime now,
              OrderDesk::RevokedHandler done);

  // The caller must call this before the node ends, on the first shard's thread.
  void say_goodbye() { line_.say_goodbye(); }

  // Returns whether messages reach this node. Any thread.
  bool ready() const { return line_.ready(); }
  // Returns Redis' error for every write, or an empty string if it takes writes. Any thread.
  std::string write_refusal() const { return line_.writes().refusal(); }
  // Any thread.
  const OrderDesk& desk() const { return line_.desk(); }
  std::uint64_t orders_missed() const { return line_.orders_missed(); }
  // Returns Redis' error for reading missed orders, or an empty string. Any thread.
  std::string read_refusal() const { return line_.reading().refusal(); }
  const FeedStats& feed_stats() const { return line_.feed().stats(); }

 private:
  const RedisBrokerOptions options_;
  RedisBrokerLimits limits_;
  const Names names_;
  const BrokerScripts scripts_;
  const RedisBrokerDependencies node_;
  NodeShards shards_;
  std::vector<std::unique_ptr<RedisBroker>> brokers_;
  NodeLine line_;
};

}  // namespace usher::redis
