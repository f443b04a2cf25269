// The embedded engine: channels live in the process, each at one home shard.
//
// The home is chosen by a keyed hash of the channel's name, and decides alone (memory_home.h): so
// order is the same everywhere, and nothing is locked. Connection counts live by the same rule, at
// the home of the session and of the user.
//
// A call for a channel that is at home on the calling shard is done inline. Any other goes through
// the home's mailbox and back.
//
// Threads: a MemoryBroker belongs to its shard's thread. MemoryBrokers is made before the threads
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
#include "hub/memory_broker_options.h"
#include "hub/memory_home.h"
#include "hub/shard_post.h"
#include "hub/shard_sinks.h"

namespace usher::hub {

class MemoryBrokers;

class MemoryBroker final : public Broker {
 public:
  MemoryBroker(MemoryBrokers& engine, std::size_t shard);

  void set_options(const MemoryBrokerOptions& options) { home_.set_options(options); }

  void attach(BrokerSink& sink) override;
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

  // Runs `work(home)` at the home of `hash`.
  template <class Work>
  void at_home(std::uint64_t hash, Work work);
  // The same for a channel. Calls `done` with the result of `work(home)`, back on this shard.
  template <class T, class Work>
  void ask_home(std::string_view channel, Handler<T> done, Work work);
  // Runs `work(broker)` for each shard on its thread, for this one last.
  template <class Work>
  void at_every_shard(Work work);

  std::uint64_t hash_of(std::string_view text) const;
  const NamespaceOptions* options_of(std::string_view channel) const;

  void add_connection(MemoryHome::Counted what, std::string_view name, ClientId client);
  void remove_connection(MemoryHome::Counted what, std::string_view name, ClientId client);
  void carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done);

  MemoryBrokers& engine_;
  const std::size_t shard_;
  MemoryHome home_;
  // The channels with history whose deliveries this shard has asked for.
  enum class Wanted : std::uint8_t { asked, granted };
  std::map<std::string, Wanted, std::less<>> wanted_;
};

// The brokers of all shards of one process, and the objects that they share.
class MemoryBrokers {
 public:
  MemoryBrokers(MemoryBrokerOptions options, const ChannelRules& rules, const Clock& clock,
                Entropy& entropy, ShardPost& post, std::size_t shards);
  ~MemoryBrokers();

  // On the shard's thread. What is there stays; the limits are for what comes.
  void set_options(std::size_t shard, const MemoryBrokerOptions& options);

  Broker& broker(std::size_t shard);
  std::size_t shards() const { return brokers_.size(); }

 private:
  friend class MemoryBroker;

  const MemoryBrokerOptions options_;
  const ChannelRules& rules_;
  const Clock& clock_;
  Entropy& entropy_;
  ShardPost& post_;
  ShardSinks sinks_;
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
