// The work of the memory engine at a channel's home shard: it assigns offsets, keeps history,
// presence, bindings and idempotency keys, encodes each push once, and sends it to every shard that
// may need it. It also counts the connections of the sessions and users that have their home here.
//
// Everything is done at once. The caller must bring a call to the right home (memory_broker.h).
//
// Threads: its shard's. Borrows: rules, clock, sinks. Limits: MemoryBrokerOptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/connection_counts.h"
#include "hub/home_channels.h"
#include "hub/idempotency.h"
#include "hub/memory_broker_options.h"
#include "hub/shard_sinks.h"

namespace usher::hub {

class MemoryHome {
 public:
  struct Dependencies {
    const ChannelRules& rules;
    const Clock& clock;
    Entropy& entropy;
    ShardSinks& sinks;
  };

  MemoryHome(const MemoryBrokerOptions& options, std::size_t shard, Dependencies dependencies);

  void set_options(const MemoryBrokerOptions& options);

  // These are the calls of broker.h.
  Result<Position, Error> publish(PublishRequest&& request);
  Result<HistoryPage, Error> history(const std::string& channel, const HistoryQuery& query);
  Result<void, Error> history_remove(const std::string& channel);
  Result<void, Error> add_presence(const std::string& channel, ClientInfo who);
  void remove_presence(const std::string& channel, const ClientInfo& who);
  Result<std::vector<ClientInfo>, Error> presence(const std::string& channel);
  Result<PresenceStats, Error> presence_stats(const std::string& channel);
  Result<void, Error> bind(const std::string& channel, Owner owner, Duration ttl);
  Result<std::optional<Owner>, Error> owner(const std::string& channel);

  // `shard` needs the channel's deliveries from now on, or no longer. Requires: the channel's
  // namespace keeps history: other deliveries go to every shard.
  Result<void, Error> want(const std::string& channel, std::size_t shard);
  void want_no_more(const std::string& channel, std::size_t shard);

  // `name`: the hash by which the home of the session or user is chosen. Above the limit, the sink
  // of the oldest connection is told.
  enum class Counted : std::uint8_t { session, user };
  void add_connection(Counted what, std::uint64_t name, ConnectionCounts::Connection connection);
  void remove_connection(Counted what, std::uint64_t name, ClientId client);

  std::size_t sessions() const { return sessions_.distinct(); }
  std::size_t users() const { return users_.distinct(); }

  void tick();

 private:
  const NamespaceOptions* options_of(std::string_view channel) const {
    return with_.rules.options(channel);
  }
  ConnectionCounts& counts(Counted what) { return what == Counted::session ? sessions_ : users_; }
  void deliver(const std::string& channel, const NamespaceOptions& options, Delivery delivery);

  const std::size_t shard_;
  const Dependencies with_;
  HomeChannels channels_;
  Idempotency idempotency_;
  ConnectionCounts sessions_;
  ConnectionCounts users_;
};

}  // namespace usher::hub
