#include "hub/memory_broker.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace usher::hub {

MemoryBrokers::MemoryBrokers(MemoryBrokerOptions options, const ChannelRules& rules,
                             const Clock& clock, Entropy& entropy, ShardPost& post,
                             std::size_t shards)
    : options_(options),
      rules_(rules),
      clock_(clock),
      entropy_(entropy),
      post_(post),
      sinks_(post, shards),
      home_key_(SipKey::random(entropy)) {
  USHER_CHECK(shards > 0);
  for (std::size_t shard = 0; shard < shards; ++shard) {
    brokers_.push_back(std::make_unique<MemoryBroker>(*this, shard));
  }
}

MemoryBrokers::~MemoryBrokers() = default;

void MemoryBrokers::set_options(std::size_t shard, const MemoryBrokerOptions& options) {
  brokers_.at(shard)->set_options(options);
}

Broker& MemoryBrokers::broker(std::size_t shard) { return *brokers_.at(shard); }

MemoryBroker::MemoryBroker(MemoryBrokers& engine, std::size_t shard)
    : engine_(engine),
      shard_(shard),
      home_(engine.options_, shard,
            {.rules = engine.rules_,
             .clock = engine.clock_,
             .entropy = engine.entropy_,
             .sinks = engine.sinks_}) {}

void MemoryBroker::attach(BrokerSink& sink) { engine_.sinks_.attach(shard_, sink); }

// --- the way to other shards ---

template <class Work>
void MemoryBroker::at_home(std::uint64_t hash, Work work) {
  const std::size_t home = hash % engine_.brokers_.size();
  if (home == shard_) return work(home_);
  engine_.post_.post(home, [&there = engine_.brokers_[home]->home_,
                            work = std::move(work)]() mutable { work(there); });
}

template <class T, class Work>
void MemoryBroker::ask_home(std::string_view channel, Handler<T> done, Work work) {
  at_home(hash_of(channel), [this, done = std::move(done),
                             work = std::move(work)](MemoryHome& home) mutable {
    Result<T, Error> answer = work(home);
    if (&home == &home_) return done(std::move(answer));
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
                     [request = std::move(request)](MemoryHome& home) mutable {
                       return home.publish(std::move(request));
                     });
}

// The home of a channel with history must know which shards listen: it forgets a channel that none
// listens to. All other deliveries go to every shard anyway.
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
  ask_home<void>(
      channel, std::move(answered),
      [name = wanted->first, shard = shard_](MemoryHome& home) { return home.want(name, shard); });
}

void MemoryBroker::unsubscribe(std::string_view channel) {
  const auto found = wanted_.find(channel);
  if (found == wanted_.end()) return;
  std::string name = found->first;
  wanted_.erase(found);
  at_home(hash_of(name),
          [name, shard = shard_](MemoryHome& home) { home.want_no_more(name, shard); });
}

void MemoryBroker::history(std::string_view channel, HistoryQuery query,
                           Handler<HistoryPage> done) {
  ask_home<HistoryPage>(channel, std::move(done),
                        [name = std::string(channel), query = std::move(query)](MemoryHome& home) {
                          return home.history(name, query);
                        });
}

void MemoryBroker::history_remove(std::string_view channel, Handler<void> done) {
  ask_home<void>(channel, std::move(done), [name = std::string(channel)](MemoryHome& home) {
    return home.history_remove(name);
  });
}

// --- presence ---

void MemoryBroker::add_presence(std::string_view channel, ClientInfo who, Handler<void> done) {
  ask_home<void>(channel, std::move(done),
                 [name = std::string(channel), who = std::move(who)](MemoryHome& home) mutable {
                   return home.add_presence(name, std::move(who));
                 });
}

void MemoryBroker::remove_presence(std::string_view channel, ClientInfo who) {
  at_home(hash_of(channel), [name = std::string(channel), who = std::move(who)](MemoryHome& home) {
    home.remove_presence(name, who);
  });
}

void MemoryBroker::presence(std::string_view channel, Handler<std::vector<ClientInfo>> done) {
  ask_home<std::vector<ClientInfo>>(
      channel, std::move(done),
      [name = std::string(channel)](MemoryHome& home) { return home.presence(name); });
}

void MemoryBroker::presence_stats(std::string_view channel, Handler<PresenceStats> done) {
  ask_home<PresenceStats>(
      channel, std::move(done),
      [name = std::string(channel)](MemoryHome& home) { return home.presence_stats(name); });
}

// --- owners ---

void MemoryBroker::bind(std::string_view channel, Owner owner, Duration ttl, Handler<void> done) {
  if (ttl <= Duration::zero() || owner.session.empty() == owner.user.empty()) {
    return done(Error::bad_request);
  }
  ask_home<void>(channel, std::move(done),
                 [name = std::string(channel), owner = std::move(owner), ttl](
                     MemoryHome& home) mutable { return home.bind(name, std::move(owner), ttl); });
}

void MemoryBroker::owner(std::string_view channel, Handler<std::optional<Owner>> done) {
  ask_home<std::optional<Owner>>(
      channel, std::move(done),
      [name = std::string(channel)](MemoryHome& home) { return home.owner(name); });
}

// --- connections ---

void MemoryBroker::connected(ClientId client, std::string_view session, std::string_view user) {
  if (!session.empty()) add_connection(MemoryHome::Counted::session, session, client);
  if (!user.empty()) add_connection(MemoryHome::Counted::user, user, client);
}

void MemoryBroker::disconnected(ClientId client, std::string_view session, std::string_view user) {
  if (!session.empty()) remove_connection(MemoryHome::Counted::session, session, client);
  if (!user.empty()) remove_connection(MemoryHome::Counted::user, user, client);
}

void MemoryBroker::add_connection(MemoryHome::Counted what, std::string_view name,
                                  ClientId client) {
  const std::uint64_t hash = hash_of(name);
  at_home(hash, [what, hash, client, shard = static_cast<std::uint32_t>(shard_)](MemoryHome& home) {
    home.add_connection(what, hash, {client, shard});
  });
}

void MemoryBroker::remove_connection(MemoryHome::Counted what, std::string_view name,
                                     ClientId client) {
  const std::uint64_t hash = hash_of(name);
  at_home(hash,
          [what, hash, client](MemoryHome& home) { home.remove_connection(what, hash, client); });
}

// --- orders and queries ---

struct MemoryBroker::Gathering {
  OrderAnswer total;
  std::size_t missing = 0;
  std::size_t channels_listed_max = 0;
  std::size_t live_max = 0;
  Handler<OrderAnswer> done;

  void add(OrderAnswer&& answer) {
    total.connections += answer.connections;
    if (!total.refused) total.refused = answer.refused;
    for (const auto& [channel, subscribers] : answer.channels)
      total.channels[channel] += subscribers;
    total.truncated = total.truncated || answer.truncated;
    std::ranges::move(answer.live, std::back_inserter(total.live));
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
    if (sort_and_cut(total.live, live_max)) total.truncated = true;
    auto& hashes = total.channel_hashes;
    std::sort(hashes.begin(), hashes.end());
    total.info.channels =
        static_cast<std::uint64_t>(std::unique(hashes.begin(), hashes.end()) - hashes.begin());
    hashes.clear();
    done(std::move(total));
  }
};

// The memory engine has no other node.
void MemoryBroker::order_here(Order order) {
  this->order(std::move(order), [](const Result<OrderAnswer, Error>&) {});
}

void MemoryBroker::order(Order order, Handler<OrderAnswer> done) {
  // Used on this shard only; the other shards carry the pointer there and back.
  auto gathering = std::make_shared<Gathering>();
  gathering->missing = engine_.brokers_.size();
  gathering->channels_listed_max = engine_.options_.channels_listed_max;
  gathering->live_max = live_max(order);
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
  BrokerSink& sink = engine_.sinks_.here(shard_);
  if (!std::holds_alternative<InfoQuery>(order)) return sink.carry_out(order, std::move(done));
  OrderAnswer answer = sink.on_order(order);
  answer.info.sessions = home_.sessions();
  answer.info.users = home_.users();
  done(std::move(answer));
}

void MemoryBroker::tick() { home_.tick(); }

}  // namespace usher::hub
