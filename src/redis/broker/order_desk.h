// What this node takes away on all nodes, by orders and revocations, in the order in which it was
// asked. Each is kept until every node that counts as alive has heard it, and Redis remembers it
// for the others.
//
// Orders leave in batches, each one script in Redis, one batch at a time: a node hears all of a
// batch or nothing, and never a later one first. A batch that not every node has heard is sent
// again with the next tick, and when the line is back. Each order has a number; a node that has
// carried it out does not do so again (OrdersDone).
//
// A node that was cut off for so long that it counted as dead finds the last orders in a stream
// when it comes back (node_line.h).
//
// While Redis is away an order is carried out on this node at once, and kept for the others. What
// waits is lost when the process ends.
//
// Threads: the first shard's; kept(), late() and dropped(): any. Borrows: what Parts names.
// Limits: kept_max; beyond it an order is carried out here alone, and counted as dropped.
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
  std::size_t kept_max = 10'000;  // an order counts once for each KiB that it takes
  std::size_t batch_max = 256;    // orders in one script
  std::size_t batch_bytes_max = 1 << 20;
  std::size_t stream_max = 1000;  // that Redis remembers for nodes that were cut off: as kept_max
  Duration node_life = std::chrono::seconds(5);
};

class OrderDesk {
 public:
  // What has become of an order so far.
  struct Told {
    hub::Elsewhere elsewhere = hub::Elsewhere::done;
    std::size_t nodes = 0;  // done: so many have heard it, and will answer
  };
  struct Parts {
    const Names& names;
    const BrokerScripts& scripts;
    Commands& commands;
    std::function<bool()> is_ready;  // messages reach this node
    // On every shard of this node, which then answers.
    std::function<void(OrderMessage)> do_here;
    // The shard that has asked is told, once for each order.
    std::function<void(std::size_t shard, std::uint64_t id, Told told)> tell;
  };

  OrderDesk(OrderDeskOptions options, Parts parts);

  // A number for an order, never given again by this node. Numbers of orders that are kept are
  // larger than all of those that are not.
  static constexpr std::uint64_t kKept = std::uint64_t{1} << 63;
  std::uint64_t next_id() { return kKept | ++last_id_; }

  // `id` is of next_id(), and used at once.
  void take(std::size_t shard, std::uint64_t id, hub::Order order);

  using RevokedHandler = RevocationWriter::Handler;
  // `unknown`: kept. `full`: Redis, or the desk.
  void revoke(Revocation revocation, WallTime now, RevokedHandler done);

  // One of our own orders has come: false if it has been carried out here already.
  bool take_own(std::uint64_t id);

  void on_lost();
  void on_ready();
  void tick();

  std::size_t kept() const { return kept_; }
  // Of those that are kept: so many have been answered with `later`.
  std::size_t late() const { return late_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Ordered {
    std::size_t shard;
    std::uint64_t id;
    hub::Order command;
    std::string message;
    bool done_here = false;
    bool answered = false;            // the asker knows
    std::uint64_t remembered_on = 0;  // Redis has said so on this connection; another one may lead
                                      // to a Redis that has forgotten it
  };
  struct Revoked {
    Revocation revocation;
    WallTime now;
    RevokedHandler done;  // empty: it has been called
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
  const Parts parts_;
  RevocationWriter writer_;
  std::uint64_t last_id_ = 0;
  std::deque<Kept> waiting_;
  std::size_t heard_by_all_ = 0;  // the first so many of waiting_: only to be carried out here
  std::size_t cost_ = 0;
  bool is_sending_ = false;
  bool is_blocked_ = false;  // not every node hears: until the next tick
  std::atomic<std::size_t> kept_ = 0;
  std::atomic<std::size_t> late_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
};

// The last kept order that this node has carried out for each other one. Orders of one node come in
// the order of their numbers, some more than once; a number that is left out was missed.
//
// Threads: the first shard's; missed(): any.
class OrdersDone {
 public:
  explicit OrdersDone(std::size_t nodes_max = 1024) : nodes_max_(nodes_max) {}

  // False: it has been carried out.
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
