// The orders and queries of one shard, from the call to the sum of all answers; and this shard's
// part in incoming orders.
//
// An InfoQuery describes the nodes that answer, and names the others. Any other query, and an order
// that gives something, is published to all nodes. Redis tells how many nodes
// heard it, and how many are alive. Each of them must answer, this one too. Otherwise the answer is
// an error, and the backend asks again. An order that takes something away goes the same way
// through the node's desk, which keeps it until all nodes have heard it (order_desk.h). While one
// is late, no order that gives something is carried out: the late order is older, and would undo
// it.
//
// A SessionsQuery is the exception: if a node cannot be asked, has not answered in time, or is of a
// version that does not know the query, the others' answers are the answer, and it is `partial`.
//
// Threads: its shard's. The desk is used on the first shard's thread.
// Borrows: the objects in Dependencies, the link, the desk, the counts; the sink, from attach() on.
// Limits: orders_max that wait for answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_function.h"
#include "hub/broker.h"
#include "redis/broker/broker_dependencies.h"
#include "redis/broker/connection_counts.h"
#include "redis/broker/node_answer.h"
#include "redis/broker/order_desk.h"
#include "redis/link/commands.h"

namespace usher::redis {

class RedisOrders {
 public:
  using Handler = hub::Handler<hub::OrderAnswer>;

  RedisOrders(const RedisBrokerDependencies& node, std::size_t shard, Commands& commands,
              OrderDesk& desk, const ConnectionCounts& counts);

  // Must be called once, before anything else.
  void attach(hub::BrokerSink& sink) { sink_ = &sink; }
  hub::BrokerSink& sink() { return *sink_; }

  // As hub::Broker::order().
  void order(hub::Order order, Handler done);

  // Carries an order out on this shard, then calls `done` once.
  void carry_out(const hub::Order& order, UniqueFunction<void(NodeAnswer)> done);

  // Takes a node's answer to the order with that number. Ignores a number that is not awaited.
  void on_answered(std::uint64_t id, const NodeAnswer& answer);
  // Takes the desk's result for the order with that number.
  void on_told(std::uint64_t id, OrderDesk::Told told);

  // Ends the orders whose time is over.
  void tick();

 private:
  // An order that nodes are answering.
  struct Gathering {
    NodeAnswer total;
    std::size_t answered = 0;
    std::size_t expected = 0;  // 0: not known yet
    TimePoint until{};
    bool is_at_desk = false;
    std::size_t live_max = 0;  // SessionsQuery: connections in the answer; else 0
    // InfoQuery, from Redis' answer on: the nodes that should answer.
    std::optional<std::vector<std::string>> alive{};
    Handler done;
  };
  using Gatherings = std::map<std::uint64_t, Gathering>;

  void gather(std::uint64_t id, bool is_at_desk, Handler done);
  void ask_each_node(hub::InfoQuery query, Handler done);
  void on_asked(std::uint64_t id, const Result<Reply, LinkError>& reply);
  void take_to_desk(hub::Order order, Handler done);
  void on_published(std::uint64_t id, const Result<Reply, LinkError>& reply);
  // Returns whether the answers of some nodes are an answer.
  static bool may_be_partial(const Gathering& gathering) { return gathering.live_max > 0; }
  void finish(Gatherings::iterator gathering);
  void fail(Gatherings::iterator gathering);

  const RedisBrokerDependencies& node_;
  const std::size_t shard_;
  Commands& commands_;
  OrderDesk& desk_;
  const ConnectionCounts& counts_;
  hub::BrokerSink* sink_ = nullptr;
  Gatherings gatherings_;
  std::size_t on_the_way_ = 0;  // orders that the desk has not numbered yet
  std::uint64_t last_id_ = 0;
};

}  // namespace usher::redis
