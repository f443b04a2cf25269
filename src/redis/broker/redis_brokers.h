// The brokers of all shards of one node, and what they share: names, scripts, and the node's one
// line of messages from Redis.
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
#include "redis/broker/broker_scripts.h"
#include "redis/broker/node_line.h"
#include "redis/link/commands.h"
#include "redis/link/names.h"
#include "redis/link/pub_sub.h"

namespace usher::redis {

struct RedisBrokerOptions {
  std::string key_prefix = "usher:";
  std::string node;  // this one's name, never used by another: letters and digits
  std::string version;

  std::size_t connections_per_session_max = 20;       // over all nodes; 0: no limit
  std::size_t connections_per_user_max = 50;          // over all nodes; 0: no limit
  Duration connections_ttl = std::chrono::hours(24);  // of the counts, after the last newcomer

  std::size_t presence_per_channel_max = 10'000;
  Duration presence_ttl = std::chrono::seconds(50);  // of a client whose node says nothing more
  Duration presence_refresh = std::chrono::seconds(20);

  Duration idempotency_ttl = std::chrono::minutes(5);
  Duration position_ttl = std::chrono::hours(1);  // of a stream's position, after its last use

  std::size_t channels_listed_max = 10'000;  // in the answer to a ChannelsQuery
  std::size_t orders_max = 1000;             // of one shard that wait for answers
  Duration order_timeout = std::chrono::seconds(1);
  Duration node_life = std::chrono::seconds(5);  // without a sign of life, for orders
  Duration node_life_for_limits = std::chrono::seconds(30);
  std::size_t orders_kept_max = 10'000;  // that not every node has heard (order_desk.h)

  ChannelFeedOptions feed{};
};

class RedisBroker;

class RedisBrokers {
 public:
  // A link for each shard.
  RedisBrokers(RedisBrokerOptions options, const hub::ChannelRules& rules, const Clock& clock,
               Entropy& entropy, hub::ShardPost& post, const std::vector<Commands*>& links);
  ~RedisBrokers();

  // The PubSub of the first shard, which speaks to listener(). Once, before the threads start.
  PubSubListener& listener() { return line_; }
  void use(PubSub& pub_sub) { line_.use(pub_sub); }

  hub::Broker& broker(std::size_t shard);
  std::size_t shards() const { return brokers_.size(); }

  // Puts a revocation into Redis, behind what was ordered before; `unknown`: it will be, as soon as
  // Redis can be reached. `done` is called on that shard.
  void revoke(std::size_t shard, Revocation revocation, WallTime now,
              OrderDesk::RevokedHandler done);

  // Before the node ends. The first shard's thread.
  void say_goodbye() { line_.say_goodbye(); }

  // Messages reach this node. Any thread.
  bool ready() const { return line_.ready(); }
  // What Redis says to every write; empty: it takes them. Any thread.
  std::string write_refusal() const { return line_.writes().refusal(); }
  // Any thread.
  const OrderDesk& desk() const { return line_.desk(); }
  std::uint64_t orders_missed() const { return line_.orders_missed(); }
  // What Redis says instead of the orders that this node missed; empty: nothing. Any thread.
  std::string read_refusal() const { return line_.reading().refusal(); }
  const FeedStats& feed_stats() const { return line_.feed().stats(); }

 private:
  friend class RedisBroker;
  friend class NodeLine;

  // The same on every node: for counting what is distinct.
  static std::uint64_t hash_of(std::string_view name);
  // Runs `work(broker)` on that shard's thread; from the first shard's.
  void at_shard(std::size_t shard, UniqueFunction<void(RedisBroker&)> work);

  const RedisBrokerOptions options_;
  const TimePoint started_at_;
  const Names names_;
  const BrokerScripts scripts_;
  const hub::ChannelRules& rules_;
  const Clock& clock_;
  Entropy& entropy_;
  hub::ShardPost& post_;
  std::vector<std::unique_ptr<RedisBroker>> brokers_;
  NodeLine line_;
};

}  // namespace usher::redis
