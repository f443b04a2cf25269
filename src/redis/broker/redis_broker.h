// The engine across machines: channels live in Redis, and any number of nodes share them.
//
// Everything that must be decided once (an offset, an owner, who is the oldest connection) is one
// script in Redis (broker_scripts.h), sent on the shard's own link; answers come from there and
// from nowhere else, so nothing is said to be done that Redis has not done. What is published comes
// back to every node by pub/sub (node_line.h), publications of this node's own included, and so in
// one order everywhere.
//
// While Redis is away everything that needs it answers `internal` at once; orders alone are kept
// for the other nodes (order_desk.h). What a Redis that lost its memory has forgotten comes back by
// itself: presence within presence_refresh, subscriptions at once; positions are another epoch's.
// Connections that were counted before are not (limits begin anew).
//
// Threads: a RedisBroker belongs to its shard's thread; RedisBrokers is made before the threads
// start and destroyed after they ended. Borrows: rules, clock, entropy (shared by the threads),
// post, the links, the PubSub. Limits: RedisBrokerOptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "hub/broker.h"
#include "redis/broker/message.h"
#include "redis/broker/presence_rounds.h"
#include "redis/broker/redis_brokers.h"

namespace usher::redis {

class RedisBroker final : public hub::Broker {
 public:
  template <class T>
  using Handler = hub::Handler<T>;

  RedisBroker(RedisBrokers& engine, std::size_t shard, Commands& commands);

  void attach(hub::BrokerSink& sink) override { sink_ = &sink; }
  void publish(hub::PublishRequest request, Handler<hub::Position> done) override;
  void subscribe(std::string_view channel, Handler<void> done) override;
  void unsubscribe(std::string_view channel) override;
  void history(std::string_view channel, hub::HistoryQuery query,
               Handler<hub::HistoryPage> done) override;
  void history_remove(std::string_view channel, Handler<void> done) override;
  void add_presence(std::string_view channel, hub::ClientInfo who, Handler<void> done) override;
  void remove_presence(std::string_view channel, hub::ClientInfo who) override;
  void presence(std::string_view channel, Handler<std::vector<hub::ClientInfo>> done) override;
  void presence_stats(std::string_view channel, Handler<hub::PresenceStats> done) override;
  void bind(std::string_view channel, hub::Owner owner, Duration ttl, Handler<void> done) override;
  void owner(std::string_view channel, Handler<std::optional<hub::Owner>> done) override;
  void connected(hub::ClientId client, std::string_view session, std::string_view user) override;
  void disconnected(hub::ClientId client, std::string_view session, std::string_view user) override;
  void order_here(hub::Order command) override;
  void order(hub::Order command, Handler<hub::OrderAnswer> done) override;
  void tick() override;

  // For the node's line (node_line.h): what is carried out here, and what other nodes answer.
  hub::BrokerSink& sink() { return *sink_; }
  void carry_out(const hub::Order& command, UniqueFunction<void(NodeAnswer)> done);
  void on_answered(std::uint64_t id, NodeAnswer answer);
  void on_order_told(std::uint64_t id, OrderDesk::Told told);

 private:
  // How many connections of each session, or user, are here: by hash.
  using Tally = std::unordered_map<std::uint64_t, std::uint32_t>;
  // An order of this shard's that nodes are answering.
  struct Gathering {
    NodeAnswer total;
    std::size_t answered = 0;
    std::size_t expected = 0;  // 0: not known yet
    TimePoint until{};
    bool is_order = false;
    Handler<hub::OrderAnswer> done;
  };
  using Gatherings = std::map<std::uint64_t, Gathering>;
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
  void tell(const std::string& channel, std::string message, Handler<void> done);
  void refresh_presence();
  Commands::Words presence_keys(std::string_view channel) const;
  std::string join_leave_messages(std::string_view channel,
                                  const hub::NamespaceOptions& options) const;
  std::string entry_of(hub::ClientId client) const;
  void gather(std::uint64_t id, bool is_order, Handler<hub::OrderAnswer> done);
  void send_order(hub::Order command, Handler<hub::OrderAnswer> done);
  void on_asked(std::uint64_t id, const Result<Reply, LinkError>& reply);
  void finish(Gatherings::iterator gathering);
  void give_up_orders();

  RedisBrokers& engine_;
  const std::size_t shard_;
  Commands& commands_;
  hub::BrokerSink* sink_ = nullptr;
  std::map<std::string, Wanted, std::less<>> wanted_;
  std::uint64_t last_serial_ = 0;
  PresenceRounds present_;
  Tally sessions_;
  Tally users_;
  Gatherings gatherings_;
  std::size_t orders_begun_ = 0;  // on their way to the desk, which gives them their numbers
  std::uint64_t last_order_ = 0;
};

}  // namespace usher::redis
