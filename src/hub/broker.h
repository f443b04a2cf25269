// Everything about a channel that is more than this shard's own subscribers: its stream, its
// presence, its owner; and the way to the other shards and nodes.
//
// The hub above knows the connections of its shard. The broker knows the rest: it assigns offsets,
// keeps the data that the channel's namespace asks for, and calls every shard's BrokerSink in the
// same order. It is implemented in memory (memory_broker.h) and on Redis
// (redis/broker/redis_broker.h). Both must pass the tests of tests/contract/broker_contract.h.
//
// Handlers are called exactly once, on the shard that asked, possibly before the call returns.
//
// Threads: one broker for each shard, used on that shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "hub/client_id.h"
#include "hub/error.h"
#include "hub/order.h"
#include "hub/publication.h"

namespace usher::hub {

struct PublishRequest {
  std::string channel;
  std::string data;               // valid JSON on one line (wire/json.h), passed on byte for byte
  std::string tags{};             // raw JSON object, or empty
  std::string idempotency_key{};  // empty: none. Repeated on the same channel within 5 min,
                                  // it publishes once
  bool skip_history = false;      // live only: no offset
  // Of the data; 0: none. A version that is not larger than the channel's last one publishes
  // nothing and gives the stream's position, unless `version_epoch` is neither empty nor that of the
  // last version. Needs a history: not_available elsewhere, and with `skip_history`.
  std::uint64_t version = 0;
  std::string version_epoch{};
  std::optional<ClientInfo> info{};  // the client that publishes; without a value: the backend
  std::string publisher{};           // in whose share of a history it counts: the client's user
                                     // or session; empty: the backend's
};

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct HistoryQuery {
  std::size_t limit = kNoLimit;  // 0: only the position
  // The page has the publications after it (with `reverse`: before it). An empty epoch stands for
  // the present one. Without a value: from the beginning (with `reverse`: the end).
  std::optional<Position> since{};
  bool reverse = false;  // newest first
};

struct HistoryPage {
  Publications publications;
  Position position;  // of the stream, at this moment
  // Whether publications are missing between `since` and the page's first one. Only `none`, or
  //   epoch_changed  `since` belongs to another epoch; there are no publications
  //   trimmed        the first ones after `since` are no longer kept; the others are returned
  wire::RecoveryGap gap = wire::RecoveryGap::none;
  bool more = false;  // the limit cut it short
};

struct PresenceStats {
  std::uint32_t clients = 0;
  std::uint32_t users = 0;  // distinct; all guests together count as one
  friend bool operator==(const PresenceStats&, const PresenceStats&) = default;
};

// The session or user to which a channel is bound: exactly one of the two is set.
struct Owner {
  std::string session;
  std::string user;
  friend bool operator==(const Owner&, const Owner&) = default;

  bool is(std::string_view a_session, std::string_view a_user) const {
    return session.empty() ? !user.empty() && user == a_user : session == a_session;
  }
};

// Receives a shard's deliveries, bindings and orders. The hub implements it; it is called on the
// shard's thread.
class BrokerSink {
 public:
  virtual ~BrokerSink() = default;

  // The deliveries of one channel come in the same order on every shard.
  virtual void on_delivery(std::string_view channel, const Delivery& delivery) = 0;

  // `channel` belongs to `owner` now. Subscriptions of all others must end before the next
  // delivery.
  virtual void on_bound(std::string_view channel, const Owner& owner) = 0;

  // Deliveries may have been missed: subscribers must be told, or get them from history. (The
  // memory engine never calls this.)
  virtual void on_deliveries_lost(std::string_view channel) = 0;

  // Bindings may have been missed: subscriptions that wait for one must ask again. (The memory
  // engine never calls this.)
  virtual void on_restored() {}

  // The connection of this shard is the oldest of too many.
  virtual void on_connection_limit(ClientId client) = 0;

  virtual OrderAnswer on_order(const Order& order) = 0;

  // The same for orders that end later than the call: calls `done` once, on the shard's thread,
  // when the order is carried out or refused.
  virtual void carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done) {
    done(on_order(order));
  }
};

class Broker {
 public:
  virtual ~Broker() = default;

  // Sets the sink of this shard. The caller must call this once, before anything else; `sink` must
  // outlive the last call.
  virtual void attach(BrokerSink& sink) = 0;

  // Calls `done` when the engine has accepted the publication and sent it on its way to every
  // subscriber. Without history the offset is 0 and the epoch empty. A repeated idempotency key
  // publishes nothing and gives the first position again.
  virtual void publish(PublishRequest request, Handler<Position> done) = 0;

  // The channel's deliveries reach this shard's sink from `done` on: between the answer of a later
  // history() and the deliveries there is no gap. The caller may ask again while it holds. Personal
  // channels need this too.
  virtual void subscribe(std::string_view channel, Handler<void> done) = 0;
  // This shard does not need the channel's deliveries any more.
  virtual void unsubscribe(std::string_view channel) = 0;

  // Fails with not_available where the namespace keeps no history.
  virtual void history(std::string_view channel, HistoryQuery query, Handler<HistoryPage> done) = 0;
  // Removes the publications; the stream's position stays.
  virtual void history_remove(std::string_view channel, Handler<void> done) = 0;

  // A client of this shard is on the channel: its entry is kept if the namespace has `presence`,
  // and the other subscribers are told if it has `join_leave`. On limit_exceeded neither is done. A
  // repeated call for the same client replaces its entry, and no subscriber is told.
  virtual void add_presence(std::string_view channel, ClientInfo who, Handler<void> done) = 0;
  virtual void remove_presence(std::string_view channel, ClientInfo who) = 0;

  // Fails with not_available where the namespace keeps no presence.
  virtual void presence(std::string_view channel, Handler<std::vector<ClientInfo>> done) = 0;
  virtual void presence_stats(std::string_view channel, Handler<PresenceStats> done) = 0;

  // From now on, until `ttl` has passed, the channel belongs to `owner`, with all that was
  // published on it before its first binding. A binding to another owner replaces this one; where
  // `owner` decides about subscribers, it also removes the history, which does not belong to the
  // new owner. Every sink's on_bound() is called before any later publication is delivered.
  // not_available unless `owner` decides about subscribers or publishers; bad_request without a
  // ttl, or unless there is exactly one owner.
  virtual void bind(std::string_view channel, Owner owner, Duration ttl, Handler<void> done) = 0;
  virtual void owner(std::string_view channel, Handler<std::optional<Owner>> done) = 0;

  // A connection of this shard counts from now on, or no longer. Above a limit, the sink of the
  // oldest connection gets on_connection_limit(). An empty session or user is not counted.
  virtual void connected(ClientId client, std::string_view session, std::string_view user) = 0;
  virtual void disconnected(ClientId client, std::string_view session, std::string_view user) = 0;

  // Carries out the order on every shard of this node, at once or nearly so, and on no other node.
  virtual void order_here(Order order) = 0;

  // Carries out the order on every shard of every node; the answers are added up. If not every node
  // could be told, that is no error: the answer says so (Elsewhere).
  virtual void order(Order order, Handler<OrderAnswer> done) = 0;

  // Drops everything that has expired. The caller must call this about once a second.
  virtual void tick() = 0;
};

}  // namespace usher::hub
