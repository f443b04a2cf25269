// The connections of one shard, counted by session and by user.
//
// Redis counts the connections of all nodes. Above a limit it tells the node of the oldest
// connection, whose BrokerSink then gets on_connection_limit(). The counts of this shard are kept
// here, for queries. They are kept by hash: 16 bytes for a session, however long its name is.
//
// Threads: its shard's. Borrows: the objects in Dependencies, and the link.
// Limits: one entry for each session and user that is connected to the shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "hub/client_id.h"
#include "redis/broker/broker_dependencies.h"
#include "redis/broker/node_answer.h"
#include "redis/link/commands.h"

namespace usher::redis {

class ConnectionCounts {
 public:
  ConnectionCounts(const RedisBrokerDependencies& node, std::size_t shard, Commands& commands)
      : node_(node), shard_(shard), commands_(commands) {}

  // As hub::Broker's functions of the same names. An empty name is not counted.
  void connected(hub::ClientId client, std::string_view session, std::string_view user);
  void disconnected(hub::ClientId client, std::string_view session, std::string_view user);

  // Puts sketches of the connected sessions and users into `answer`.
  void describe(NodeAnswer& answer) const;

 private:
  using Tally = std::unordered_map<std::uint64_t, std::uint32_t>;  // hash → connections

  const RedisBrokerDependencies& node_;
  const std::size_t shard_;
  Commands& commands_;
  Tally sessions_;
  Tally users_;
  bool sessions_counted_ = false;  // in Redis: there has been a limit
  bool users_counted_ = false;
};

}  // namespace usher::redis
