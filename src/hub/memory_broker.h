// The embedded engine: channels live in the process, each at one home shard.
//
// The home is chosen by a keyed hash of the channel's name. It alone assigns offsets and holds
// history, presence, binding and idempotency keys, encodes each push once, and sends it to every
// shard that may need it; so order is the same everywhere, and nothing is locked. Connection counts
// live by the same rule, at the home of the session and of the user.
//
// What is at home is done at once, inline; what is not goes through the home's mailbox and back.
//
// Threads: a MemoryBroker belongs to its shard's thread; MemoryBrokers is made before the threads
// start, and destroyed after they ended. Borrows: rules, clock, entropy (shared by the threads),
// post. Limits: MemoryBrokerOptions.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/sip_hash.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/connection_counts.h"
#include "hub/home_channels.h"
#include "hub/idempotency.h"
#include "hub/shard_post.h"

namespace usher::hub {

struct MemoryBrokerOptions {
  std::size_t connections_per_session_max = 20;  // over all shards; 0: no limit
  std::size_t connections_per_user_max = 50;     // over all shards; 0: no limit

  // The rest is for each home shard.
  // Channels that have history, presence or an owner; then limit_exceeded.
  std::size_t channels_max = 200'000;
  std::size_t history_bytes_max = 256u << 20;  // of each namespace that says no `history_bytes`;
                                               // over it, who fills it most is trimmed
  std::size_t presence_per_channel_max = 10'000;
  std::size_t presence_max = 1'000'000;
  std::size_t idempotency_keys_max = 262'144;  // then a publish with a new key gets limit_exceeded
  Duration idempotency_ttl = std::chrono::minutes(5);
  Duration position_ttl = std::chrono::hours(1);  // of a channel with nothing left but its position

  std::size_t channels_listed_max = 10'000;  // in the answer to a ChannelsQuery
};

class MemoryBrokers;

class MemoryBroker final : public Broker {
 public:
  MemoryBroker(MemoryBrokers& engine, std::size_t shard, std::size_t shards);

  void attach(BrokerSink& sink) override { sink_ = &sink; }
  void publish(PublishRequest request, Handler<Position> done) override;
  void subscribe(std::string_view channel, Handler<void> done) override;
  void unsubscribe(std::string_view channel) override;
  void history(std::string_view channel, HistoryQuery query, Handler<HistoryPage> done) override;
  void history_remove(std::string_view channel, Handler<void> done) override;
  void add_presence(std::string_view channel, ClientInfo who, Handler<void> done) override;
  void remove_presence(std::string_view channel, ClientInfo who) override;
  void presence(std::string_view channel, Handler<std::vector<ClientInfo>> done) override;
  void presence_stats(std::string_view channel, Handler<PresenceStats> done) override;
  void bind(std::string_view channel, Owner owner, Duration ttl, Handler<void> done) override;
  void owner(std::string_view channel, Handler<std::optional<Owner>> done) override;
  void connected(ClientId client, std::string_view session, std::string_view user) override;
  void disconnected(ClientId client, std::string_view session, std::string_view user) override;
  void order_here(Order order) override;
  void order(Order order, Handler<OrderAnswer> done) override;
  void tick() override;

 private:
  struct Gathering;
  enum class Counted : std::uint8_t { session, user };

  // Runs `work(home)` at the home of `hash`.
  template <class Work>
  void at_home(std::uint64_t hash, Work work);
  // The same for a channel; `done` gets what `work(home)` returns, back on this shard.
  template <class T, class Work>
  void ask_home(std::string_view channel, Handler<T> done, Work work);
  // For each shard, this one last: `work(broker)`, on its thread.
  template <class Work>
  void at_every_shard(Work work);

  std::uint64_t hash_of(std::string_view text) const;
  const NamespaceOptions* options_of(std::string_view channel) const;

  // What a home does. Each requires that the channel is at home here.
  Result<Position, Error> publish_here(PublishRequest& request);
  Result<HistoryPage, Error> history_here(const std::string& channel, const HistoryQuery& query);
  Result<void, Error> history_remove_here(const std::string& channel);
  Result<void, Error> enter_here(const std::string& channel, ClientInfo who);
  void leave_here(const std::string& channel, const ClientInfo& who);
  Result<std::vector<ClientInfo>, Error> presence_here(const std::string& channel);
  Result<PresenceStats, Error> presence_stats_here(const std::string& channel);
  Result<void, Error> bind_here(const std::string& channel, Owner owner, Duration ttl);
  Result<std::optional<Owner>, Error> owner_here(const std::string& channel);
  Result<void, Error> want_here(const std::string& channel, std::size_t shard);
  void want_no_more_here(const std::string& channel, std::size_t shard);
  void deliver(const std::string& channel, const NamespaceOptions& options, Delivery delivery);

  void count(Counted what, std::string_view name, ClientId client, bool add);
  void carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done);

  MemoryBrokers& engine_;
  const std::size_t shard_;
  BrokerSink* sink_ = nullptr;
  HomeChannels channels_;
  Idempotency idempotency_;
  ConnectionCounts sessions_;
  ConnectionCounts users_;
  // What this shard has asked for, of what has history.
  enum class Wanted : std::uint8_t { asked, granted };
  std::map<std::string, Wanted, std::less<>> wanted_;
};

// The brokers of all shards of one process, and what they share.
class MemoryBrokers {
 public:
  MemoryBrokers(MemoryBrokerOptions options, const ChannelRules& rules, const Clock& clock,
                Entropy& entropy, ShardPost& post, std::size_t shards);
  ~MemoryBrokers();

  Broker& broker(std::size_t shard);
  std::size_t shards() const { return brokers_.size(); }

 private:
  friend class MemoryBroker;

  const MemoryBrokerOptions options_;
  const ChannelRules& rules_;
  const Clock& clock_;
  Entropy& entropy_;
  ShardPost& post_;
  const SipKey home_key_;
  std::vector<std::unique_ptr<MemoryBroker>> brokers_;
};

template <class Work>
void MemoryBroker::at_every_shard(Work work) {
  for (std::size_t shard = 0; shard < engine_.brokers_.size(); ++shard) {
    if (shard == shard_) continue;
    engine_.post_.post(shard, [&broker = *engine_.brokers_[shard], work] { work(broker); });
  }
  work(*this);
}

}  // namespace usher::hub
