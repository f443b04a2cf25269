#include "hub/endings.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/client_info.h"

namespace usher::hub {

void Endings::drop(Subscriber& subscriber, std::uint32_t subscription) {
  const Subscription& ending = hub_side(subscriber).state->subscriptions[subscription];
  LocalChannel& channel = *ending.channel;
  const bool present = ending.live ? channel.options->presence || channel.options->join_leave
                                   : channel.pending[ending.slot]->present;
  std::optional<ClientInfo> leaving;
  if (present) leaving = info_of(subscriber, &ending);
  const bool last = with_.channels.remove(subscriber, subscription);
  if (leaving) with_.broker.remove_presence(channel.name, std::move(*leaving));
  if (!last) return;
  with_.broker.unsubscribe(channel.name);
  with_.channels.erase(channel);
}

void Endings::cancel(PendingSubscription& entry, const SubscribeError& error) {
  SubscribeOperation* const operation = with_.operations.of(entry);
  const bool awaited = awaits_outcome(entry.step());
  if (operation != nullptr) operation->refuse(entry.outcome, error);
  Subscriber& subscriber = *entry.subscriber;
  if (entry.step() == PendingStep::pending) {
    with_.waits.remove(subscriber.identity().session, entry.serial, entry.pending_until);
  }
  drop(subscriber, entry.index);
  if (operation != nullptr && awaited) with_.operations.settle(operation->key);
}

void Endings::cancel_and_tell(PendingSubscription& entry, Error error, UnsubscribeReason reason) {
  Subscriber& subscriber = *entry.subscriber;
  const bool told = entry.operation == 0;
  const std::string channel(entry.channel->name);
  cancel(entry, error);
  if (told) push_unsubscribe(subscriber, channel, reason);
}

void Endings::end(Subscriber& subscriber, const Subscription& subscription) {
  LocalChannel& channel = *subscription.channel;
  if (!subscription.live) return cancel(*channel.pending[subscription.slot], kUnsubscribed);
  drop(subscriber, channel.live[subscription.slot].index);
}

void Endings::end_without_rights(Subscriber& subscriber, const Subscription& subscription) {
  end_and_tell(subscriber, subscription, Error::permission_denied, kRightsLost);
}

void Endings::end_and_tell(Subscriber& subscriber, const Subscription& subscription, Error error,
                           UnsubscribeReason reason) {
  const LocalChannel& channel = *subscription.channel;
  if (!subscription.live) {
    PendingSubscription& entry = *channel.pending[subscription.slot];
    if (entry.operation != 0 && !entry.told) return cancel(entry, error);
  }
  const std::string name(channel.name);
  end(subscriber, subscription);
  push_unsubscribe(subscriber, name, reason);
}

void Endings::end_live(std::string_view channel, UnsubscribeReason reason,
                       UniqueFunction<bool(Subscriber&)> which) {
  const LocalChannel* const found = with_.channels.find(channel);
  if (found == nullptr) return;
  std::vector<Subscriber*> ending;
  for (const Member& member : found->live) {
    if (which(*member.subscriber)) ending.push_back(member.subscriber);
  }
  const std::string name(channel);
  for (Subscriber* const subscriber : ending) {
    end(*subscriber, *with_.channels.subscription(*subscriber, name));
    push_unsubscribe(*subscriber, name, reason);
  }
}

}  // namespace usher::hub
