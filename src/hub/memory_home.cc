#include "hub/memory_home.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "wire/protocol_reply.h"

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

MemoryHome::MemoryHome(const MemoryBrokerOptions& options, std::size_t shard,
                       Dependencies dependencies)
    : shard_(shard),
      with_(dependencies),
      channels_(home_options(options, with_.rules, with_.sinks.shards()), with_.entropy),
      idempotency_(options.idempotency_keys_max, options.idempotency_ttl, with_.entropy),
      sessions_(options.connections_per_session_max),
      users_(options.connections_per_user_max) {}

void MemoryHome::set_options(const MemoryBrokerOptions& options) {
  channels_.set_options(home_options(options, with_.rules, with_.sinks.shards()));
  sessions_.set_max(options.connections_per_session_max);
  users_.set_max(options.connections_per_user_max);
}

Result<Position, Error> MemoryHome::publish(PublishRequest&& request) {
  const NamespaceOptions* const options = options_of(request.channel);
  if (options == nullptr) return Error::unknown_channel;
  const bool is_kept = options->has_history() && !request.skip_history;
  if (request.version > 0 && !is_kept) return Error::not_available;
  const TimePoint now = with_.clock.now();
  const bool once = !request.idempotency_key.empty();
  Idempotency::Key key;
  if (once) {
    key = idempotency_.key_of(request.channel, request.idempotency_key);
    if (const Position* const before = idempotency_.find(key, now)) return *before;
    if (idempotency_.full(now)) return Error::limit_exceeded;
  }

  HomeChannel* channel = nullptr;
  if (is_kept) {
    channel = channels_.obtain(request.channel, *options, now, request.publisher);
    if (channel == nullptr) return Error::limit_exceeded;
    if (request.version > 0 &&
        !HomeChannels::take_version(*channel, request.version, request.version_epoch)) {
      return channel->stream()->position();
    }
  }
  auto publication = std::make_shared<Publication>();
  publication->data = std::move(request.data);
  publication->tags = std::move(request.tags);
  if (request.info) {
    publication->info = std::make_unique<const ClientInfo>(std::move(*request.info));
  }
  if (channel != nullptr) {
    publication->offset = channel->stream()->next_offset();
  }
  Delivery delivery{publication->offset, push_of(request.channel, *publication)};
  Position position;
  if (channel != nullptr) {
    channels_.append(*channel, std::move(publication), now, request.publisher);
    position = channel->stream()->position();
  }
  if (once) idempotency_.remember(key, position, now);
  deliver(request.channel, *options, std::move(delivery));
  return position;
}

void MemoryHome::deliver(const std::string& channel, const NamespaceOptions& options,
                         Delivery delivery) {
  const auto name = std::make_shared<const std::string>(channel);
  const HomeChannel* wanted = nullptr;
  if (options.has_history()) {
    wanted = channels_.find(channel, with_.clock.now());
    if (wanted == nullptr) return;
  }
  for (std::size_t shard = 0; shard < with_.sinks.shards(); ++shard) {
    if (shard == shard_ || (wanted != nullptr && !wanted->wanted_by(shard))) continue;
    with_.sinks.post_delivery(shard, name, delivery);
  }
  with_.sinks.here(shard_).on_delivery(channel, delivery);
}

Result<void, Error> MemoryHome::want(const std::string& channel, std::size_t shard) {
  const TimePoint now = with_.clock.now();
  HomeChannel* const there = channels_.obtain(channel, *options_of(channel), now);
  if (there == nullptr) return Error::limit_exceeded;
  channels_.want(*there, shard, true, now);
  return {};
}

void MemoryHome::want_no_more(const std::string& channel, std::size_t shard) {
  const TimePoint now = with_.clock.now();
  HomeChannel* const there = channels_.find(channel, now);
  if (there != nullptr) channels_.want(*there, shard, false, now);
}

Result<HistoryPage, Error> MemoryHome::history(const std::string& channel,
                                               const HistoryQuery& query) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->has_history()) return Error::not_available;
  HomeChannel* const there = channels_.obtain(channel, *options, with_.clock.now());
  if (there == nullptr) return Error::limit_exceeded;
  return there->stream()->page(query);
}

Result<void, Error> MemoryHome::history_remove(const std::string& channel) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->has_history()) return Error::not_available;
  const TimePoint now = with_.clock.now();
  HomeChannel* const there = channels_.find(channel, now);
  if (there != nullptr) channels_.clear_stream(*there, now);
  return {};
}

Result<void, Error> MemoryHome::add_presence(const std::string& channel, ClientInfo who) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  std::string text;
  wire::append_join_push(text, channel, who.view());
  if (options->presence) {
    const TimePoint now = with_.clock.now();
    HomeChannel* const there = channels_.obtain(channel, *options, now);
    if (there == nullptr) return Error::limit_exceeded;
    switch (channels_.add_presence(*there, std::move(who), now)) {
      case HomeChannels::Entered::too_many:
        return Error::limit_exceeded;
      case HomeChannels::Entered::was_there:
        return {};
      case HomeChannels::Entered::is_new:
        break;
    }
  }
  if (options->join_leave) deliver(channel, *options, {0, wire::make_text_frame(text), true});
  return {};
}

void MemoryHome::remove_presence(const std::string& channel, const ClientInfo& who) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return;
  if (options->presence) {
    const TimePoint now = with_.clock.now();
    HomeChannel* const there = channels_.find(channel, now);
    if (there == nullptr || !channels_.remove_presence(*there, who.client, now)) return;
  }
  if (!options->join_leave) return;
  std::string text;
  wire::append_leave_push(text, channel, who.view());
  deliver(channel, *options, {0, wire::make_text_frame(text), true});
}

Result<std::vector<ClientInfo>, Error> MemoryHome::presence(const std::string& channel) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->presence) return Error::not_available;
  std::vector<ClientInfo> present;
  const HomeChannel* const there = channels_.find(channel, with_.clock.now());
  if (there == nullptr) return present;
  present.reserve(there->present().size());
  for (const auto& [client, info] : there->present()) present.push_back(info);
  return present;
}

Result<PresenceStats, Error> MemoryHome::presence_stats(const std::string& channel) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->presence) return Error::not_available;
  const HomeChannel* const there = channels_.find(channel, with_.clock.now());
  if (there == nullptr) return PresenceStats{};
  std::unordered_set<std::string_view> users;
  for (const auto& [client, info] : there->present()) users.insert(info.user);
  return PresenceStats{static_cast<std::uint32_t>(there->present().size()),
                       static_cast<std::uint32_t>(users.size())};
}

Result<void, Error> MemoryHome::bind(const std::string& channel, Owner owner, Duration ttl) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (options->subscribe != Audience::owner && options->publish != Audience::owner) {
    return Error::not_available;
  }
  const TimePoint now = with_.clock.now();
  HomeChannel* const there = channels_.obtain(channel, *options, now);
  if (there == nullptr) return Error::limit_exceeded;
  channels_.bind(*there, owner, now + ttl, now);
  if (options->subscribe != Audience::owner) return {};
  with_.sinks.at_every_shard(shard_, [name = channel, owner = std::move(owner)](BrokerSink& sink) {
    sink.on_bound(name, owner);
  });
  return {};
}

Result<std::optional<Owner>, Error> MemoryHome::owner(const std::string& channel) {
  if (options_of(channel) == nullptr) return Error::unknown_channel;
  const HomeChannel* const there = channels_.find(channel, with_.clock.now());
  return there == nullptr ? std::optional<Owner>() : HomeChannels::owner(*there);
}

void MemoryHome::add_connection(Counted what, std::uint64_t name,
                                ConnectionCounts::Connection connection) {
  const auto oldest = counts(what).add(name, connection);
  if (!oldest) return;
  with_.sinks.at_shard(shard_, oldest->shard, [client = oldest->client](BrokerSink& sink) {
    sink.on_connection_limit(client);
  });
}

void MemoryHome::remove_connection(Counted what, std::uint64_t name, ClientId client) {
  counts(what).remove(name, client);
}

void MemoryHome::tick() {
  const TimePoint now = with_.clock.now();
  channels_.tick(now);
  idempotency_.tick(now);
}

}  // namespace usher::hub
