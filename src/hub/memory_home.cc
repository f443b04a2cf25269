// What a channel's home does (memory_broker.h). Everything here runs on the home's shard.
#include <unordered_set>
#include <utility>

#include "hub/memory_broker.h"
#include "wire/protocol_reply.h"

namespace usher::hub {
Result<Position, Error> MemoryBroker::publish_here(PublishRequest& request) {
  const NamespaceOptions* const options = options_of(request.channel);
  if (options == nullptr) return Error::unknown_channel;
  const TimePoint now = engine_.clock_.now();
  const bool once = !request.idempotency_key.empty();
  Idempotency::Key key;
  if (once) {
    key = idempotency_.key_of(request.channel, request.idempotency_key);
    if (const Position* const before = idempotency_.find(key, now)) return *before;
    if (idempotency_.full(now)) return Error::limit_exceeded;
  }

  auto publication = std::make_shared<Publication>();
  publication->data = std::move(request.data);
  publication->tags = std::move(request.tags);
  if (request.info) {
    publication->info = std::make_unique<const ClientInfo>(std::move(*request.info));
  }
  HomeChannel* channel = nullptr;
  if (options->has_history() && !request.skip_history) {
    channel = channels_.obtain(request.channel, *options, now, request.publisher);
    if (channel == nullptr) return Error::limit_exceeded;
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

void MemoryBroker::deliver(const std::string& channel, const NamespaceOptions& options,
                           Delivery delivery) {
  const auto name = std::make_shared<const std::string>(channel);
  const HomeChannel* wanted = nullptr;
  if (options.has_history()) {
    wanted = channels_.find(channel, engine_.clock_.now());
    if (wanted == nullptr) return;
  }
  for (std::size_t shard = 0; shard < engine_.brokers_.size(); ++shard) {
    if (shard == shard_ || (wanted != nullptr && !wanted->wanted_by(shard))) continue;
    engine_.post_.post(shard, [&broker = *engine_.brokers_[shard], name, delivery] {
      broker.sink_->on_delivery(*name, delivery);
    });
  }
  sink_->on_delivery(channel, delivery);
}

Result<void, Error> MemoryBroker::want_here(const std::string& channel, std::size_t shard) {
  const TimePoint now = engine_.clock_.now();
  HomeChannel* const there = channels_.obtain(channel, *options_of(channel), now);
  if (there == nullptr) return Error::limit_exceeded;
  channels_.want(*there, shard, true, now);
  return {};
}

void MemoryBroker::want_no_more_here(const std::string& channel, std::size_t shard) {
  const TimePoint now = engine_.clock_.now();
  HomeChannel* const there = channels_.find(channel, now);
  if (there != nullptr) channels_.want(*there, shard, false, now);
}

Result<HistoryPage, Error> MemoryBroker::history_here(const std::string& channel,
                                                      const HistoryQuery& query) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->has_history()) return Error::not_available;
  HomeChannel* const there = channels_.obtain(channel, *options, engine_.clock_.now());
  if (there == nullptr) return Error::limit_exceeded;
  return there->stream()->page(query);
}

Result<void, Error> MemoryBroker::history_remove_here(const std::string& channel) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->has_history()) return Error::not_available;
  const TimePoint now = engine_.clock_.now();
  HomeChannel* const there = channels_.find(channel, now);
  if (there != nullptr) channels_.clear_stream(*there, now);
  return {};
}

Result<void, Error> MemoryBroker::enter_here(const std::string& channel, ClientInfo who) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  std::string text;
  wire::append_join_push(text, channel, who.view());
  if (options->presence) {
    const TimePoint now = engine_.clock_.now();
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
  if (options->join_leave) deliver(channel, *options, {0, wire::make_text_frame(text)});
  return {};
}

void MemoryBroker::leave_here(const std::string& channel, const ClientInfo& who) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return;
  if (options->presence) {
    const TimePoint now = engine_.clock_.now();
    HomeChannel* const there = channels_.find(channel, now);
    if (there == nullptr || !channels_.remove_presence(*there, who.client, now)) return;
  }
  if (!options->join_leave) return;
  std::string text;
  wire::append_leave_push(text, channel, who.view());
  deliver(channel, *options, {0, wire::make_text_frame(text)});
}

Result<std::vector<ClientInfo>, Error> MemoryBroker::presence_here(const std::string& channel) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->presence) return Error::not_available;
  std::vector<ClientInfo> present;
  const HomeChannel* const there = channels_.find(channel, engine_.clock_.now());
  if (there == nullptr) return present;
  present.reserve(there->present().size());
  for (const auto& [client, info] : there->present()) present.push_back(info);
  return present;
}

Result<PresenceStats, Error> MemoryBroker::presence_stats_here(const std::string& channel) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (!options->presence) return Error::not_available;
  const HomeChannel* const there = channels_.find(channel, engine_.clock_.now());
  if (there == nullptr) return PresenceStats{};
  std::unordered_set<std::string_view> users;
  for (const auto& [client, info] : there->present()) users.insert(info.user);
  return PresenceStats{static_cast<std::uint32_t>(there->present().size()),
                       static_cast<std::uint32_t>(users.size())};
}

Result<void, Error> MemoryBroker::bind_here(const std::string& channel, Owner owner, Duration ttl) {
  const NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return Error::unknown_channel;
  if (options->subscribe != Audience::owner && options->publish != Audience::owner) {
    return Error::not_available;
  }
  const TimePoint now = engine_.clock_.now();
  HomeChannel* const there = channels_.obtain(channel, *options, now);
  if (there == nullptr) return Error::limit_exceeded;
  channels_.bind(*there, owner, now + ttl, now);
  if (options->subscribe != Audience::owner) return {};
  at_every_shard([name = channel, owner = std::move(owner)](const MemoryBroker& broker) {
    broker.sink_->on_bound(name, owner);
  });
  return {};
}

Result<std::optional<Owner>, Error> MemoryBroker::owner_here(const std::string& channel) {
  if (options_of(channel) == nullptr) return Error::unknown_channel;
  const HomeChannel* const there = channels_.find(channel, engine_.clock_.now());
  return there == nullptr ? std::optional<Owner>() : HomeChannels::owner(*there);
}

}  // namespace usher::hub
