// The way to a channel's home and back (memory_broker.h). What is done there is in memory_home.cc.
#include "hub/memory_broker.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace usher::hub {
namespace {

HomeChannelsOptions home_options(const MemoryBrokerOptions& options, const ChannelRules& rules,
                                 std::size_t homes) {
  return {.channels_max = options.channels_max,
          .namespaces = std::max<std::size_t>(1, rules.keeping_namespaces()),
          .history_bytes_max = options.history_bytes_max,
          .homes = homes,
          .presence_per_channel_max = options.presence_per_channel_max,
          .presence_max = options.presence_max,
          .position_ttl = options.position_ttl};
}

}  // namespace

MemoryBrokers::MemoryBrokers(MemoryBrokerOptions options, const ChannelRules& rules,
                             const Clock& clock, Entropy& entropy, ShardPost& post,
                             std::size_t shards)
    : options_(options),
      rules_(rules),
      clock_(clock),
      entropy_(entropy),
      post_(post),
      home_key_(SipKey::random(entropy)) {
  USHER_CHECK(shards > 0);
  for (std::size_t shard = 0; shard < shards; ++shard) {
    brokers_.push_back(std::make_unique<MemoryBroker>(*this, shard, shards));
  }
}

MemoryBrokers::~MemoryBrokers() = default;

Broker& MemoryBrokers::broker(std::size_t shard) { return *brokers_.at(shard); }

MemoryBroker::MemoryBroker(MemoryBrokers& engine, std::size_t shard, std::size_t shards)
    : engine_(engine),
      shard_(shard),
      channels_(home_options(engine.options_, engine.rules_, shards), engine.entropy_),
      idempotency_(engine.options_.idempotency_keys_max, engine.options_.idempotency_ttl,
                   engine.entropy_),
      sessions_(engine.options_.connections_per_session_max),
      users_(engine.options_.connections_per_user_max) {}

// --- the way to other shards ---

template <class Work>
void MemoryBroker::at_home(std::uint64_t hash, Work work) {
  const std::size_t home = hash % engine_.brokers_.size();
  if (home == shard_) return work(*this);
  engine_.post_.post(home, [&broker = *engine_.brokers_[home], work = std::move(work)]() mutable {
    work(broker);
  });
}

template <class T, class Work>
void MemoryBroker::ask_home(std::string_view channel, Handler<T> done, Work work) {
  at_home(hash_of(channel), [this, done = std::move(done),
                             work = std::move(work)](MemoryBroker& home) mutable {
    Result<T, Error> answer = work(home);
    if (&home == this) return done(std::move(answer));
    engine_.post_.post(shard_, [done = std::move(done), answer = std::move(answer)]() mutable {
      done(std::move(answer));
    });
  });
}

std::uint64_t MemoryBroker::hash_of(std::string_view text) const {
  return sip_hash(engine_.home_key_, text);
}

const NamespaceOptions* MemoryBroker::options_of(std::string_view channel) const {
  return engine_.rules_.options(channel);
}

// --- publications ---

void MemoryBroker::publish(PublishRequest request, Handler<Position> done) {
  const std::string channel = request.channel;
  ask_home<Position>(channel, std::move(done),
                     [request = std::move(request)](MemoryBroker& home) mutable {
                       return home.publish_here(request);
                     });
}

// Where there is history the home must know who listens: it forgets a channel that nobody does.
// Everything else goes to every shard anyway.
void MemoryBroker::subscribe(std::string_view channel, Handler<void> done) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (!options->has_history()) return done({});
  const auto [wanted, is_new] = wanted_.try_emplace(std::string(channel), Wanted::asked);
  if (wanted->second == Wanted::granted) return done({});
  auto answered = [this, name = wanted->first,
                   done = std::move(done)](Result<void, Error> answer) mutable {
    const auto found = wanted_.find(name);
    if (answer && found != wanted_.end()) found->second = Wanted::granted;
    done(answer);
  };
  ask_home<void>(channel, std::move(answered),
                 [name = wanted->first, shard = shard_](MemoryBroker& home) {
                   return home.want_here(name, shard);
                 });
}

void MemoryBroker::unsubscribe(std::string_view channel) {
  const auto found = wanted_.find(channel);
  if (found == wanted_.end()) return;
  std::string name = found->first;
  wanted_.erase(found);
  at_home(hash_of(name),
          [name, shard = shard_](MemoryBroker& home) { home.want_no_more_here(name, shard); });
}

void MemoryBroker::history(std::string_view channel, HistoryQuery query,
                           Handler<HistoryPage> done) {
  ask_home<HistoryPage>(channel, std::move(done),
                        [name = std::string(channel), query = std::move(query)](
                            MemoryBroker& home) { return home.history_here(name, query); });
}

void MemoryBroker::history_remove(std::string_view channel, Handler<void> done) {
  ask_home<void>(channel, std::move(done), [name = std::string(channel)](MemoryBroker& home) {
    return home.history_remove_here(name);
  });
}

// --- presence ---

void MemoryBroker::add_presence(std::string_view channel, ClientInfo who, Handler<void> done) {
  ask_home<void>(channel, std::move(done),
                 [name = std::string(channel), who = std::move(who)](MemoryBroker& home) mutable {
                   return home.enter_here(name, std::move(who));
                 });
}

void MemoryBroker::remove_presence(std::string_view channel, ClientInfo who) {
  at_home(hash_of(channel), [name = std::string(channel), who = std::move(who)](
                                MemoryBroker& home) { home.leave_here(name, who); });
}

void MemoryBroker::presence(std::string_view channel, Handler<std::vector<ClientInfo>> done) {
  ask_home<std::vector<ClientInfo>>(
      channel, std::move(done),
      [name = std::string(channel)](MemoryBroker& home) { return home.presence_here(name); });
}

void MemoryBroker::presence_stats(std::string_view channel, Handler<PresenceStats> done) {
  ask_home<PresenceStats>(
      channel, std::move(done),
      [name = std::string(channel)](MemoryBroker& home) { return home.presence_stats_here(name); });
}

// --- owners ---

void MemoryBroker::bind(std::string_view channel, Owner owner, Duration ttl, Handler<void> done) {
  if (ttl <= Duration::zero() || owner.session.empty() == owner.user.empty()) {
    return done(Error::bad_request);
  }
  ask_home<void>(
      channel, std::move(done),
      [name = std::string(channel), owner = std::move(owner), ttl](MemoryBroker& home) mutable {
        return home.bind_here(name, std::move(owner), ttl);
      });
}

void MemoryBroker::owner(std::string_view channel, Handler<std::optional<Owner>> done) {
  ask_home<std::optional<Owner>>(
      channel, std::move(done),
      [name = std::string(channel)](MemoryBroker& home) { return home.owner_here(name); });
}

// --- connections ---

void MemoryBroker::connected(ClientId client, std::string_view session, std::string_view user) {
  if (!session.empty()) count(Counted::session, session, client, true);
  if (!user.empty()) count(Counted::user, user, client, true);
}

void MemoryBroker::disconnected(ClientId client, std::string_view session, std::string_view user) {
  if (!session.empty()) count(Counted::session, session, client, false);
  if (!user.empty()) count(Counted::user, user, client, false);
}

void MemoryBroker::count(Counted what, std::string_view name, ClientId client, bool add) {
  const std::uint64_t hash = hash_of(name);
  at_home(hash, [what, hash, client, add,
                 shard = static_cast<std::uint32_t>(shard_)](MemoryBroker& home) {
    ConnectionCounts& counts = what == Counted::session ? home.sessions_ : home.users_;
    if (!add) return counts.remove(hash, client);
    const auto oldest = counts.add(hash, {client, shard});
    if (!oldest) return;
    MemoryBroker& its = *home.engine_.brokers_[oldest->shard];
    if (&its == &home) return home.sink_->on_connection_limit(oldest->client);
    home.engine_.post_.post(oldest->shard, [&its, closing = oldest->client] {
      its.sink_->on_connection_limit(closing);
    });
  });
}

// --- commands ---

struct MemoryBroker::Gathering {
  OrderAnswer total;
  std::size_t missing = 0;
  std::size_t channels_listed_max = 0;
  Handler<OrderAnswer> done;

  void add(OrderAnswer&& answer) {
    total.connections += answer.connections;
    if (!total.refused) total.refused = answer.refused;
    for (const auto& [channel, subscribers] : answer.channels)
      total.channels[channel] += subscribers;
    total.truncated = total.truncated || answer.truncated;
    total.info.clients += answer.info.clients;
    total.info.sessions += answer.info.sessions;
    total.info.users += answer.info.users;
    total.info.subscriptions += answer.info.subscriptions;
    auto& hashes = total.channel_hashes;
    hashes.insert(hashes.end(), answer.channel_hashes.begin(), answer.channel_hashes.end());
    if (--missing == 0) finish();
  }

  void finish() {
    while (total.channels.size() > channels_listed_max) {
      total.channels.erase(std::prev(total.channels.end()));
      total.truncated = true;
    }
    auto& hashes = total.channel_hashes;
    std::sort(hashes.begin(), hashes.end());
    total.info.channels =
        static_cast<std::uint64_t>(std::unique(hashes.begin(), hashes.end()) - hashes.begin());
    hashes.clear();
    done(std::move(total));
  }
};

// There is no other node.
void MemoryBroker::order_here(Order order) {
  this->order(std::move(order), [](const Result<OrderAnswer, Error>&) {});
}

void MemoryBroker::order(Order order, Handler<OrderAnswer> done) {
  // Touched on this shard only; the others carry the pointer there and back.
  auto gathering = std::make_shared<Gathering>();
  gathering->missing = engine_.brokers_.size();
  gathering->channels_listed_max = engine_.options_.channels_listed_max;
  gathering->done = std::move(done);
  at_every_shard([this, gathering,
                  order = std::make_shared<const Order>(std::move(order))](MemoryBroker& broker) {
    broker.carry_out(*order, [this, gathering, here = &broker == this](OrderAnswer answer) {
      if (here) return gathering->add(std::move(answer));
      engine_.post_.post(shard_, [gathering, answer = std::move(answer)]() mutable {
        gathering->add(std::move(answer));
      });
    });
  });
}

void MemoryBroker::carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done) {
  if (!std::holds_alternative<InfoQuery>(order)) {
    return sink_->carry_out(order, std::move(done));
  }
  OrderAnswer answer = sink_->on_order(order);
  answer.info.sessions = sessions_.distinct();
  answer.info.users = users_.distinct();
  done(std::move(answer));
}

void MemoryBroker::tick() {
  const TimePoint now = engine_.clock_.now();
  channels_.tick(now);
  idempotency_.tick(now);
}

}  // namespace usher::hub
