// The options of a node's brokers, and the objects that all their parts borrow.
//
// Threads: shared by all shards. Everything in it is immutable, or safe for any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "hub/channel_rules.h"
#include "hub/shard_post.h"
#include "redis/broker/broker_scripts.h"
#include "redis/broker/channel_feed.h"
#include "redis/link/names.h"

namespace usher::redis {

struct RedisBrokerOptions {
  std::string key_prefix = "usher:";
  std::string node;  // this node's name, never used by another: letters and digits
  std::string version;

  std::size_t connections_per_session_max = 20;       // over all nodes; 0: no limit
  std::size_t connections_per_user_max = 50;          // over all nodes; 0: no limit
  Duration connections_ttl = std::chrono::hours(24);  // of the counts, after the last arrival

  std::size_t presence_per_channel_max = 10'000;
  Duration presence_ttl = std::chrono::seconds(50);  // of a client that its node does not refresh
  Duration presence_refresh = std::chrono::seconds(20);

  Duration idempotency_ttl = std::chrono::minutes(5);
  Duration position_ttl = std::chrono::hours(1);  // of a stream's position, after its last use

  std::size_t channels_listed_max = 10'000;  // in the answer to a ChannelsQuery
  std::size_t orders_max = 1000;             // of one shard that wait for answers
  Duration order_timeout = std::chrono::seconds(1);
  Duration node_life = std::chrono::seconds(5);    // without a sign of life, for orders
  Duration node_missed = std::chrono::minutes(1);  // info tells that it is unreachable
  Duration node_life_for_limits = std::chrono::seconds(30);
  std::size_t orders_kept_max = 10'000;  // that not every node has heard (order_desk.h)

  ChannelFeedOptions feed{};
};

// Those of the options that can change. Any thread.
struct RedisBrokerLimits {
  std::atomic<std::size_t> connections_per_session_max;
  std::atomic<std::size_t> connections_per_user_max;
  std::atomic<std::size_t> presence_per_channel_max;
};

struct RedisBrokerDependencies {
  const RedisBrokerOptions& options;
  const RedisBrokerLimits& limits;
  const Names& names;
  const BrokerScripts& scripts;
  const hub::ChannelRules& rules;
  const Clock& clock;
  Entropy& entropy;
  hub::ShardPost& post;
  std::function<bool()> ready;  // messages reach this node (node_line.h). Any thread
};

}  // namespace usher::redis
