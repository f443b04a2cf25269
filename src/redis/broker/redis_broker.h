// The engine across machines: channels live in Redis, and any number of nodes share them.
//
// Everything that must be decided once (an offset, an owner, which connection is the oldest) is one
// script in Redis (broker_scripts.h), sent on the shard's own link. Answers come from there and
// from nowhere else, so nothing is reported as done before Redis has done it. A publication comes
// back to every node by pub/sub (node_line.h), to this node too, and so in one order everywhere.
//
// While Redis can't be reached, every call that needs it fails with `internal` at once. Only orders
// are kept for the other nodes (order_desk.h). If Redis has lost its data, presence comes back by
// itself within presence_refresh, and subscriptions at once; positions are of another epoch.
// Connections that were counted before are not counted again: limits begin anew.
//
// Threads: its shard's.
// Owns: the shard's orders, presence and connection counts.
// Borrows: the objects in Dependencies, the line, the shards, the link. Limits: RedisBrokerOptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "hub/broker.h"
#include "redis/broker/broker_dependencies.h"
#include "redis/broker/connection_counts.h"
#include "redis/broker/node_line.h"
#include "redis/broker/node_shards.h"
#include "redis/broker/redis_orders.h"
#include "redis/broker/redis_presence.h"
#include "redis/link/commands.h"

namespace usher::redis {

class RedisBroker final : public hub::Broker {
 public:
  template <class T>
  using Handler = hub::Handler<T>;

  RedisBroker(const RedisBrokerDependencies& node, NodeLine& line, NodeShards& shards,
              std::size_t shard, Commands& commands);

  void attach(hub::BrokerSink& sink) override { orders_.attach(sink); }
  void publish(hub::PublishRequest request, Handler<hub::Position> done) override;
  void subscribe(std::string_view channel, Handler<void> done) override;
  void unsubscribe(std::string_view channel) override;
  void history(std::string_view channel, hub::HistoryQuery query,
               Handler<hub::HistoryPage> done) override;
  void history_remove(std::string_view channel, Handler<void> done) override;
  void add_presence(std::string_view channel, hub::ClientInfo client, Handler<void> done) override;
  void remove_presence(std::string_view channel, hub::ClientInfo client) override;
  void presence(std::string_view channel, Handler<std::vector<hub::ClientInfo>> done) override;
  void presence_stats(std::string_view channel, Handler<hub::PresenceStats> done) override;
  void bind(std::string_view channel, hub::Owner owner, Duration ttl, Handler<void> done) override;
  void owner(std::string_view channel, Handler<std::optional<hub::Owner>> done) override;
  void connected(hub::ClientId client, std::string_view session, std::string_view user) override;
  void disconnected(hub::ClientId client, std::string_view session, std::string_view user) override;
  void order_here(hub::Order order) override;
  void order(hub::Order order, Handler<hub::OrderAnswer> done) override;
  void tick() override;

 private:
  // A channel that this shard has subscribed to.
  struct Wanted {
    std::uint64_t serial = 0;
    bool granted = false;
  };

  const hub::NamespaceOptions* options_of(std::string_view channel) const;
  Commands::Words position_arguments(const hub::NamespaceOptions& options) const;
  template <class Ask>
  void at_feed(Ask ask, Handler<void> done);
  void answer_in_order(const std::string& channel, hub::HistoryPage page,
                       Handler<hub::HistoryPage> done);

  const RedisBrokerDependencies& node_;
  NodeLine& line_;
  NodeShards& shards_;
  const std::size_t shard_;
  Commands& commands_;
  std::map<std::string, Wanted, std::less<>> wanted_;
  std::uint64_t last_serial_ = 0;
  ConnectionCounts counts_;
  RedisPresence presence_;
  RedisOrders orders_;
};

}  // namespace usher::redis
