// Subscriptions to channels that the backend binds to one session or user (subscribing.h).
#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "hub/subscribing.h"

namespace usher::hub {
namespace {

using Step = PendingSubscription::Step;

constexpr std::size_t kAskedAgainMax = 500;  // in one tick

}  // namespace

void Subscribing::ask_owner(PendingSubscription& entry) {
  entry.step = Step::owner;
  state_.broker.owner(entry.channel->name,
                      [this, serial = entry.serial](Result<std::optional<Owner>, Error> answer) {
                        on_owner(serial, std::move(answer));
                      });
}

void Subscribing::on_owner(std::uint64_t serial, Result<std::optional<Owner>, Error> answer) {
  PendingSubscription* const entry = state_.channels.find_entry(serial);
  if (entry == nullptr || entry->step != Step::owner) return;
  if (!answer) return cancel(*entry, answer.error());
  if (!answer->has_value()) return wait_for_owner(*entry);
  on_bound(*entry, **answer);
}

void Subscribing::wait_for_owner(PendingSubscription& entry) {
  const std::string_view session = entry.subscriber->identity().session;
  if (!make_room_for(session)) return cancel(entry, Error::limit_exceeded);
  entry.step = Step::pending;
  entry.pending_until = state_.clock.now() + state_.options.pending_timeout;
  pending_.emplace(entry.pending_until, entry.serial);
  pending_shares_.add(session, entry.serial);
  SubscribeOperation* const operation = operation_of(entry);
  if (operation == nullptr) return;
  operation->outcomes[entry.outcome].outcome = Subscribed{.pending = true};
  settle({entry.subscriber->client(), entry.operation});
}

// A full table takes from the session that holds most, unless the newcomer would then hold more.
bool Subscribing::make_room_for(std::string_view session) {
  const std::size_t held = pending_shares_.of(session);
  if (held >= state_.options.pending_per_session_max) return false;
  if (pending_shares_.size() < state_.options.pending_max) return true;
  const auto serial = pending_shares_.newest_of_most(held + 1);
  if (!serial) return false;
  PendingSubscription* const entry = state_.channels.find_entry(*serial);
  USHER_INVARIANT(entry != nullptr);
  Subscriber& subscriber = *entry->subscriber;
  const bool told = entry->operation == 0;
  const std::string channel(entry->channel->name);
  cancel(*entry, Error::limit_exceeded);
  if (told) HubState::push_unsubscribe(subscriber, channel, kTooManyPending);
  return true;
}

void Subscribing::stop_waiting(const PendingSubscription& entry) {
  pending_.erase({entry.pending_until, entry.serial});
  pending_shares_.remove(entry.subscriber->identity().session, entry.serial);
}

void Subscribing::on_bound(PendingSubscription& entry, const Owner& owner) {
  Subscriber& subscriber = *entry.subscriber;
  const Identity identity = subscriber.identity();
  const bool mine = owner.is(identity.session, identity.user);
  if (!mine) {
    const bool told = entry.operation == 0;
    const std::string channel(entry.channel->name);
    cancel(entry, Error::permission_denied);
    if (told) {
      HubState::push_unsubscribe(subscriber, channel, kBoundToAnother);
    }
    return;
  }
  if (entry.step == Step::owner) return reach(entry);
  if (entry.step == Step::pending) activate(entry);
}

void Subscribing::activate(PendingSubscription& entry) {
  stop_waiting(entry);
  if (SubscribeOperation* const operation = operation_of(entry)) {
    // The client has not been told `pending` yet: it will be told the outcome instead.
    ++operation->waiting;
    return reach(entry);
  }
  entry.told = true;
  SubscribeKey key;
  SubscribeOperation& operation = open(*entry.subscriber, {}, key);
  operation.outcomes.push_back({std::string(entry.channel->name), Subscribed{}});
  operation.entries.push_back(entry.serial);
  operation.done = [&subscriber = *entry.subscriber](Joined joined) {
    const JoinedChannel& one = joined.front();
    if (one.outcome) return HubState::push_subscribed(subscriber, one.channel, *one.outcome);
    if (one.outcome.error() == kUnsubscribed) return;
    const bool lost = one.outcome.error() == Error::permission_denied;
    HubState::push_unsubscribe(subscriber, one.channel,
                               lost ? kBoundToAnother : kInsufficientState);
  };
  entry.operation = key.second;
  entry.outcome = 0;
  reach(entry);
}

void Subscribing::ask_again(PendingSubscription& entry) {
  if (entry.step != Step::pending) return;
  // It stays pending meanwhile: whichever comes first, the answer or a binding, decides.
  state_.broker.owner(entry.channel->name,
                      [this, serial = entry.serial](Result<std::optional<Owner>, Error> answer) {
                        PendingSubscription* const found = state_.channels.find_entry(serial);
                        if (found == nullptr || found->step != Step::pending) return;
                        if (!answer) return asking_again_.push_back(serial);  // at the next tick
                        if (answer->has_value()) on_bound(*found, **answer);
                      });
}

void Subscribing::ask_all_again() {
  asking_again_.clear();
  for (const auto& [until, serial] : pending_) asking_again_.push_back(serial);
  ask_some_again();
}

void Subscribing::ask_some_again() {
  // Those whose answer fails at once come back at the end, for the next tick.
  const std::size_t count = std::min(kAskedAgainMax, asking_again_.size());
  for (std::size_t asked = 0; asked < count; ++asked) {
    PendingSubscription* const entry = state_.channels.find_entry(asking_again_.front());
    asking_again_.pop_front();
    if (entry != nullptr) ask_again(*entry);
  }
}

void Subscribing::tick() {
  ask_some_again();
  const TimePoint now = state_.clock.now();
  while (!pending_.empty() && pending_.begin()->first <= now) {
    PendingSubscription* const entry = state_.channels.find_entry(pending_.begin()->second);
    if (entry == nullptr) pending_.erase(pending_.begin());  // the next tick goes on behind it
    USHER_INVARIANT(entry != nullptr);
    Subscriber& subscriber = *entry->subscriber;
    const bool told = entry->operation == 0;
    const std::string channel(entry->channel->name);
    cancel(*entry, Error::permission_denied);
    if (told) HubState::push_unsubscribe(subscriber, channel, kNeverBound);
  }
}

}  // namespace usher::hub
