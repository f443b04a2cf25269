#include "hub/local_channels.h"

#include <utility>

#include "base/check.h"

namespace usher::hub {
namespace {

std::vector<Subscription>& list_of(Subscriber& subscriber) {
  auto& state = hub_side(subscriber).state;
  if (state == nullptr) state = std::make_unique<SubscriberState>();
  return state->subscriptions;
}

}  // namespace

HubSide::HubSide() = default;
HubSide::~HubSide() = default;

LocalChannels::LocalChannels(SipKey key) : channels_(0, NameHash{key}) {}

LocalChannel* LocalChannels::find(std::string_view name) {
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : &found->second;
}

PendingSubscription* LocalChannels::find_pending(std::uint64_t serial) {
  const auto found = pending_.find(serial);
  return found == pending_.end() ? nullptr : found->second;
}

Subscription* LocalChannels::subscription(Subscriber& subscriber, std::string_view name) {
  if (hub_side(subscriber).state == nullptr) return nullptr;
  const LocalChannel* const channel = find(name);
  return channel == nullptr ? nullptr : subscription(subscriber, *channel);
}

Subscription* LocalChannels::subscription(Subscriber& subscriber, const LocalChannel& channel) {
  if (hub_side(subscriber).state == nullptr) return nullptr;
  for (Subscription& subscription : list_of(subscriber)) {
    if (subscription.channel == &channel) return &subscription;
  }
  return nullptr;
}

PendingSubscription& LocalChannels::add_pending(Subscriber& subscriber, std::string_view name,
                                                const NamespaceOptions& options) {
  auto found = channels_.find(name);
  if (found == channels_.end()) {
    found = channels_.try_emplace(std::string(name)).first;
    found->second.name = found->first;
    found->second.options = &options;
  }
  LocalChannel& channel = found->second;
  auto& list = list_of(subscriber);

  auto entry = std::make_unique<PendingSubscription>();
  entry->serial = ++last_serial_;
  entry->subscriber = &subscriber;
  entry->channel = &channel;
  entry->index = static_cast<std::uint32_t>(list.size());
  list.push_back({.channel = &channel,
                  .slot = static_cast<std::uint32_t>(channel.pending.size()),
                  .live = false,
                  .by = {},
                  .grants = nullptr});
  PendingSubscription& added = *entry;
  pending_.emplace(added.serial, &added);
  channel.pending.push_back(std::move(entry));
  ++subscriptions_;
  return added;
}

void LocalChannels::go_live(PendingSubscription& entry) {
  LocalChannel& channel = *entry.channel;
  Subscriber& subscriber = *entry.subscriber;
  const std::uint32_t index = entry.index;
  Subscription& subscription = list_of(subscriber)[index];
  remove_pending(channel, subscription.slot);
  subscription.live = true;
  subscription.slot = static_cast<std::uint32_t>(channel.live.size());
  channel.live.push_back({.subscriber = &subscriber, .index = index, .number = next_number()});
}

std::uint32_t LocalChannels::next_number() {
  if (++last_number_ == 0) ++last_number_;
  return last_number_;
}

void LocalChannels::deliver(LocalChannel& channel, const Delivery& delivery) {
  if (channel.options->gathers()) {
    for (Member& member : channel.live) gather(channel, member, delivery);
  } else {
    for (const Member& member : channel.live) member.subscriber->deliver(delivery.frame);
  }
}

// A join or a leave keeps its place among the publications: those after it have a number of their
// own, so that none of them takes a place before it.
void LocalChannels::gather(LocalChannel& channel, Member& member, const Delivery& delivery) {
  const NamespaceOptions& options = *channel.options;
  wire::Gathering how{.write_delay = options.write_delay};
  if (options.latest_only) {
    if (delivery.is_event)
      member.number = next_number();
    else
      how.latest_of = member.number;
  }
  member.subscriber->gather(delivery.frame, how);
}

bool LocalChannels::remove(Subscriber& subscriber, std::uint32_t index) {
  auto& list = list_of(subscriber);
  LocalChannel& channel = *list[index].channel;
  if (list[index].live) {
    remove_live(channel, list[index].slot);
  } else {
    remove_pending(channel, list[index].slot);
  }
  if (index + 1 != list.size()) {
    list[index] = std::move(list.back());
    Subscription& moved = list[index];
    (moved.live ? moved.channel->live[moved.slot].index
                : moved.channel->pending[moved.slot]->index) = index;
  }
  list.pop_back();
  --subscriptions_;
  if (list.empty() && hub_side(subscriber).state->allowances.empty()) {
    hub_side(subscriber).state.reset();
  }
  return channel.empty();
}

void LocalChannels::erase(const LocalChannel& channel) {
  USHER_CHECK(channel.empty());
  const auto found = channels_.find(channel.name);
  USHER_CHECK(found != channels_.end());
  channels_.erase(found);
}

void LocalChannels::remove_live(LocalChannel& channel, std::uint32_t slot) {
  auto& live = channel.live;
  if (slot + 1 != live.size()) {
    live[slot] = live.back();
    list_of(*live[slot].subscriber)[live[slot].index].slot = slot;
  }
  live.pop_back();
  if (live.capacity() > 64 && live.size() * 4 < live.capacity()) live.shrink_to_fit();
}

void LocalChannels::remove_pending(LocalChannel& channel, std::uint32_t slot) {
  auto& pending = channel.pending;
  pending_.erase(pending[slot]->serial);
  if (slot + 1 != pending.size()) {
    pending[slot] = std::move(pending.back());
    list_of(*pending[slot]->subscriber)[pending[slot]->index].slot = slot;
  }
  pending.pop_back();
  if (pending.empty()) pending.shrink_to_fit();
}

}  // namespace usher::hub
