// The presence of one shard's clients, kept in Redis, and the presence of a channel, read from
// Redis.
//
// Each client is written to Redis again before its entry expires (presence_rounds.h). So entries of
// a dead node expire by themselves, and a Redis that has lost its data has the live ones again
// after one round.
//
// Threads: its shard's. Borrows: the objects in Dependencies, and the link.
// Limits: one entry for each client and channel of the shard; presence_per_channel_max in Redis.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/broker.h"
#include "redis/broker/broker_dependencies.h"
#include "redis/broker/presence_rounds.h"
#include "redis/link/commands.h"

namespace usher::redis {

class RedisPresence {
 public:
  template <class T>
  using Handler = hub::Handler<T>;

  RedisPresence(const RedisBrokerDependencies& node, Commands& commands)
      : node_(node), commands_(commands), rounds_(node.options.presence_refresh) {}

  // As hub::Broker's add_presence(), remove_presence(), presence() and presence_stats().
  void add(std::string_view channel, const hub::ClientInfo& client, Handler<void> done);
  void remove(std::string_view channel, const hub::ClientInfo& client);
  void list(std::string_view channel, Handler<std::vector<hub::ClientInfo>> done);
  void stats(std::string_view channel, Handler<hub::PresenceStats> done);

  // Tells Redis again of the clients on the channels whose turn it is.
  void tick();

 private:
  void tell(std::string_view channel, std::string message, Handler<void> done);
  void refresh(const std::string& channel, const PresenceRounds::Clients& clients);
  Commands::Words keys(std::string_view channel) const;
  std::string messages_channel(std::string_view channel,
                               const hub::NamespaceOptions& options) const;

  const RedisBrokerDependencies& node_;
  Commands& commands_;
  PresenceRounds rounds_;
};

}  // namespace usher::redis
