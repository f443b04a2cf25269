// Everything about a channel that is more than this shard's own subscribers: its stream, its
// presence, its owner; and the way to the other shards and nodes.
//
// The hub above knows who is connected here. The broker knows the rest: it assigns offsets, keeps
// what the channel's namespace says, and calls every shard's BrokerSink in the same order.
// Implemented in memory (memory_broker.h) and, later, on Redis; tests/contract/broker_contract.h is
// what both must pass.
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
  std::string idempotency_key{};  // empty: none. The same one on the same channel within 5 min
                                  // publishes once
  bool skip_history = false;      // live only: no offset
  std::optional<ClientInfo> info{};  // the client that publishes; nothing: the backend
  std::string publisher{};           // whose share of a history it takes: the client's user, or its
                                     // session; empty: the backend's
};

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct HistoryQuery {
  std::size_t limit = kNoLimit;  // 0: only the position
  // What follows it (reverse: what precedes it); an empty epoch: in whichever there is. Nothing:
  // from the beginning (the end).
  std::optional<Position> since{};
  bool reverse = false;  // newest first
};

struct HistoryPage {
  Publications publications;
  Position position;  // of the stream, at this moment
  // What lies between `since` and the first publication that is kept. Only `none`, or
  //   epoch_changed  `since` belongs to another life of the stream; no publications
  //   trimmed        the first ones after it are gone; what is kept is returned
  wire::RecoveryGap gap = wire::RecoveryGap::none;
  bool more = false;  // the limit cut it short
};

struct PresenceStats {
  std::uint32_t clients = 0;
  std::uint32_t users = 0;  // distinct; those who are not logged in count as one
  friend bool operator==(const PresenceStats&, const PresenceStats&) = default;
};

// To whom an owner channel is bound: exactly one of the two is set.
struct Owner {
  std::string session;
  std::string user;
  friend bool operator==(const Owner&, const Owner&) = default;

  bool is(std::string_view a_session, std::string_view a_user) const {
    return session.empty() ? !user.empty() && user == a_user : session == a_session;
  }
};

// What arrives at a shard. Implemented by the hub; called on the shard's thread.
class BrokerSink {
 public:
  virtual ~BrokerSink() = default;

  // In the same order on every shard, for each channel.
  virtual void on_delivery(std::string_view channel, const Delivery& delivery) = 0;

  // `channel` now belongs to `owner`; whoever else has it must let go of it, before the next
  // delivery.
  virtual void on_bound(std::string_view channel, const Owner& owner) = 0;

  // Deliveries may have been missed: subscribers must be told, or helped from history. (Never by
  // the memory engine.)
  virtual void on_deliveries_lost(std::string_view channel) = 0;

  // Bindings may have been missed: who waits for one asks again. (Never by the memory engine.)
  virtual void on_restored() {}

  // One of this shard's connections is the oldest of too many.
  virtual void on_connection_limit(ClientId client) = 0;

  virtual OrderAnswer on_order(const Order& order) = 0;

  // The same for orders that end later than the call: `done` is called once, on the shard's thread,
  // when what was ordered is done or refused.
  virtual void carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done) {
    done(on_order(order));
  }
};

class Broker {
 public:
  virtual ~Broker() = default;

  // What arrives for this shard goes to `sink`. Once, before anything else; `sink` must outlive the
  // last call.
  virtual void attach(BrokerSink& sink) = 0;

  // Accepted by the engine, and on its way to every subscriber. The offset is 0, the epoch empty,
  // where there is no history. A repeated idempotency key gives the first one's position and
  // publishes nothing.
  virtual void publish(PublishRequest request, Handler<Position> done) = 0;

  // The channel's deliveries reach this shard's sink from `done` on: what history() then answers,
  // and what is delivered, has no gap between. May be asked again while it holds. Personal channels
  // too.
  virtual void subscribe(std::string_view channel, Handler<void> done) = 0;
  // Nobody on this shard needs them any more.
  virtual void unsubscribe(std::string_view channel) = 0;

  // not_available where the namespace keeps no history.
  virtual void history(std::string_view channel, HistoryQuery query, Handler<HistoryPage> done) = 0;
  // Publications go; the stream's position stays.
  virtual void history_remove(std::string_view channel, Handler<void> done) = 0;

  // A client of this shard is on the channel: kept as the namespace's `presence` says, told to
  // others as its `join_leave` says. limit_exceeded: neither. Asking again for the same client
  // replaces its entry, and tells nobody.
  virtual void add_presence(std::string_view channel, ClientInfo who, Handler<void> done) = 0;
  virtual void remove_presence(std::string_view channel, ClientInfo who) = 0;

  // not_available where the namespace keeps no presence.
  virtual void presence(std::string_view channel, Handler<std::vector<ClientInfo>> done) = 0;
  virtual void presence_stats(std::string_view channel, Handler<PresenceStats> done) = 0;

  // From now on, and until `ttl` has passed, the channel is `owner`'s, with all that was published
  // on it before it was bound to anybody. Another's binding replaces this one; where subscribers
  // are decided by `owner` it removes the history, which is not the new owner's. Every sink's
  // on_bound() is called before any later publication is delivered. not_available unless
  // subscribers or publishers are decided by `owner`; bad_request for no ttl, or not exactly one
  // owner.
  virtual void bind(std::string_view channel, Owner owner, Duration ttl, Handler<void> done) = 0;
  virtual void owner(std::string_view channel, Handler<std::optional<Owner>> done) = 0;

  // A connection of this shard counts from now on, or no more. Above a limit the sink of the oldest
  // hears on_connection_limit(). `user` may be empty.
  virtual void connected(ClientId client, std::string_view session, std::string_view user) = 0;
  virtual void disconnected(ClientId client, std::string_view session, std::string_view user) = 0;

  // Carried out on every shard of this node, and on no other; at once here, or nearly so.
  virtual void order_here(Order order) = 0;

  // Carried out on every shard, this one included; the answers are added up. An order that not
  // every node could be told of is an answer, too: it says so (Elsewhere).
  virtual void order(Order order, Handler<OrderAnswer> done) = 0;

  // Lets go of what has expired. Once a second or so.
  virtual void tick() = 0;
};

}  // namespace usher::hub
