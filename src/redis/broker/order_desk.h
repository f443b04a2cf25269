// The orders that take something away, and the revocations, that this node sends to all nodes, in
// the order of the calls. Each is kept until every node that counts as alive has heard it, and
// Redis keeps it for the other nodes.
//
// Orders leave in batches, one batch at a time. Each batch is one script in Redis: a node hears all
// of a batch or nothing, and never a later batch first. A batch that not every node has heard is
// sent again with the next tick, and when the line is back. Each order has a number, and a node
// does not carry out the same number twice (OrdersDone).
//
// A node that was cut off for so long that it counted as dead finds the last orders in a stream
// when it comes back (node_line.h).
//
// While Redis can't be reached, an order is carried out on this node at once, and kept for the
// others. Kept orders are lost when the process ends.
//
// Threads: the first shard's; kept(), late() and dropped(): any.
// Borrows: the objects in Dependencies.
// Limits: kept_max; beyond it an order is carried out on this node alone, and counted as dropped.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "hub/broker.h"
#include "redis/broker/broker_scripts.h"
#include "redis/broker/message.h"
#include "redis/link/commands.h"
#include "redis/link/names.h"
#include "redis/revocations/revocation_writer.h"

namespace usher::redis {

struct OrderDeskOptions {
  std::string node;
  std::size_t kept_max = 10'000;  // an order counts 1, and 1 more for each KiB
  std::size_t batch_max = 256;    // orders in one script
  std::size_t batch_bytes_max = 1 << 20;
  std::size_t stream_max = 1000;  // kept in Redis for nodes that were cut off; counted as kept_max
  Duration node_life = std::chrono::seconds(5);
};

class OrderDesk {
 public:
  // How far an order has come.
  struct Told {
    hub::Elsewhere elsewhere = hub::Elsewhere::done;
    std::size_t nodes = 0;  // if done: the nodes that have heard it, and will answer
  };
  struct Dependencies {
    const Names& names;
    const BrokerScripts& scripts;
    Commands& commands;
    std::function<bool()> is_ready;  // messages reach this node
    // Carries the order out on every shard of this node, and answers it.
    std::function<void(OrderMessage)> do_here;
    // Reports to the shard that has asked, once for each order.
    std::function<void(std::size_t shard, std::uint64_t id, Told told)> tell;
  };

  OrderDesk(OrderDeskOptions options, Dependencies dependencies);

  // Returns a number for an order, which this node never uses again. Numbers of the desk's orders
  // are larger than all others (kKept).
  static constexpr std::uint64_t kKept = std::uint64_t{1} << 63;
  std::uint64_t next_id() { return kKept | ++last_id_; }

  // Requires: `id` comes from next_id(), just now.
  void take(std::size_t shard, std::uint64_t id, hub::Order order);

  using RevokedHandler = RevocationWriter::Handler;
  // Calls `done` with `unknown` if the revocation is kept for later, and with `full` if Redis or
  // the desk is full.
  void revoke(Revocation revocation, WallTime now, RevokedHandler done);

  // An order of this node has come. Returns false if it has been carried out here already.
  bool take_own(std::uint64_t id);

  void on_lost();
  void on_ready();
  void tick();

  std::size_t kept() const { return kept_; }
  // Returns the number of kept orders that have been answered with `later`.
  std::size_t late() const { return late_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Ordered {
    std::size_t shard;
    std::uint64_t id;
    hub::Order order;
    std::string message;
    bool done_here = false;
    bool answered = false;            // to the shard that has asked
    std::uint64_t remembered_on = 0;  // the connection on which Redis has said that it keeps the
                                      // order; another one may lead to a Redis that has lost it
  };
  struct Revoked {
    Revocation revocation;
    WallTime now;
    RevokedHandler done;  // empty after its call
  };
  struct Kept {
    std::variant<Ordered, Revoked> what;
    std::size_t cost;
    int ticks = 0;
    bool late = false;
  };

  bool admit(std::size_t bytes, std::size_t& cost);
  void do_here(Ordered& order);
  void do_here_until(std::size_t end);
  void answer(Ordered& order, Told told);
  void put_off(std::size_t i);
  void send();
  void send_orders();
  void send_revocation(Revoked& revoked);
  void on_sent(std::size_t count, std::uint64_t connection, const Result<Reply, LinkError>& reply);
  void settle(std::size_t count, bool all, std::size_t nodes);
  void drop_done();

  const OrderDeskOptions options_;
  const Dependencies dependencies_;
  RevocationWriter writer_;
  std::uint64_t last_id_ = 0;
  std::deque<Kept> waiting_;
  std::size_t heard_by_all_ = 0;  // at the front of waiting_: only to be carried out here
  std::size_t cost_ = 0;
  bool is_sending_ = false;
  bool is_blocked_ = false;  // until the next tick, because not every node hears
  std::atomic<std::size_t> kept_ = 0;
  std::atomic<std::size_t> late_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
};

// The number of the last kept order that this node has carried out, for each other node. Orders of
// one node come in the order of their numbers, some of them more than once. A number that is left
// out was missed.
//
// Threads: the first shard's; missed(): any.
class OrdersDone {
 public:
  explicit OrdersDone(std::size_t nodes_max = 1024) : nodes_max_(nodes_max) {}

  // Returns false if the order has been carried out already.
  bool begin(const std::string& node, std::uint64_t id);

  std::uint64_t missed() const { return missed_; }

 private:
  struct Last {
    std::uint64_t id = 0;
    std::uint64_t used = 0;
  };
  const std::size_t nodes_max_;
  std::uint64_t used_ = 0;
  std::atomic<std::uint64_t> missed_ = 0;
  std::map<std::string, Last, std::less<>> last_;
};

}  // namespace usher::redis
