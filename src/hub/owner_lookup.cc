#include "hub/owner_lookup.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace usher::hub {
namespace {

constexpr std::size_t kAskedAgainMax = 500;  // in one tick

}  // namespace

void OwnerLookup::begin(PendingSubscription& entry) {
  with_.broker.owner(entry.channel->name,
                     [this, serial = entry.serial](Result<std::optional<Owner>, Error> answer) {
                       on_owner(serial, std::move(answer));
                     });
}

void OwnerLookup::on_owner(std::uint64_t serial, Result<std::optional<Owner>, Error> answer) {
  PendingSubscription* const entry = with_.channels.find_pending(serial);
  if (entry == nullptr || entry->step() != PendingStep::owner) return;
  if (!answer) return with_.endings.cancel(*entry, answer.error());
  if (!answer->has_value()) return wait(*entry);
  on_bound(*entry, **answer);
}

void OwnerLookup::wait(PendingSubscription& entry) {
  const std::string_view session = entry.subscriber->identity().session;
  if (!make_room_for(session)) return with_.endings.cancel(entry, Error::limit_exceeded);
  USHER_INVARIANT(entry.life.take(PendingEvent::unbound));
  entry.pending_until = with_.clock.now() + with_.options.pending_timeout;
  with_.waits.add(session, entry.serial, entry.pending_until);
  SubscribeOperation* const operation = with_.operations.of(entry);
  if (operation == nullptr) return;
  operation->outcomes[entry.outcome].outcome = Subscribed{.pending = true};
  with_.operations.settle(operation->key);
}

bool OwnerLookup::make_room_for(std::string_view session) {
  const OwnerWaits::Room room = with_.waits.room_for(session);
  if (!room.displaced) return room.granted;
  PendingSubscription* const entry = with_.channels.find_pending(*room.displaced);
  USHER_INVARIANT(entry != nullptr);
  with_.endings.cancel_and_tell(*entry, Error::limit_exceeded, kTooManyPending);
  return true;
}

void OwnerLookup::on_bound(PendingSubscription& entry, const Owner& owner) {
  const Identity identity = entry.subscriber->identity();
  if (!owner.is(identity.session, identity.user)) {
    return with_.endings.cancel_and_tell(entry, Error::permission_denied, kBoundToAnother);
  }
  const bool was_pending = entry.step() == PendingStep::pending;
  if (!entry.life.take(PendingEvent::bound)) return;  // it is further already
  if (was_pending) activate(entry);
  with_.positions.begin(entry);
}

// The subscription needs an operation again, which waits for its outcome.
void OwnerLookup::activate(PendingSubscription& entry) {
  with_.waits.remove(entry.subscriber->identity().session, entry.serial, entry.pending_until);
  if (SubscribeOperation* const operation = with_.operations.of(entry)) {
    // The client has not been told `pending` yet: it will be told the outcome instead.
    ++operation->waiting;
    return;
  }
  entry.told = true;
  SubscribeOperation& operation = with_.operations.open(
      *entry.subscriber, [&subscriber = *entry.subscriber](const Joined& joined) {
        const JoinedChannel& one = joined.front();
        if (one.outcome) return push_subscribed(subscriber, one.channel, *one.outcome);
        if (one.outcome.error() == kUnsubscribed) return;
        const bool lost = one.outcome.error() == Error::permission_denied;
        push_unsubscribe(subscriber, one.channel, lost ? kBoundToAnother : kInsufficientState);
      });
  entry.operation = operation.key.second;
  entry.outcome = operation.add(entry.channel->name);
  operation.pending.push_back(entry.serial);
}

void OwnerLookup::ask_again(PendingSubscription& entry) {
  if (entry.step() != PendingStep::pending) return;
  // It stays pending meanwhile: the answer or a binding decides, whichever comes first.
  with_.broker.owner(entry.channel->name,
                     [this, serial = entry.serial](Result<std::optional<Owner>, Error> answer) {
                       PendingSubscription* const found = with_.channels.find_pending(serial);
                       if (found == nullptr || found->step() != PendingStep::pending) return;
                       if (!answer) return asking_again_.push_back(serial);  // at the next tick
                       if (answer->has_value()) on_bound(*found, **answer);
                     });
}

void OwnerLookup::ask_all_again() {
  asking_again_.clear();
  with_.waits.for_each([this](std::uint64_t serial) { asking_again_.push_back(serial); });
  ask_some_again();
}

void OwnerLookup::ask_some_again() {
  // A subscription whose answer fails at once is added at the end again, for the next tick.
  const std::size_t count = std::min(kAskedAgainMax, asking_again_.size());
  for (std::size_t asked = 0; asked < count; ++asked) {
    PendingSubscription* const entry = with_.channels.find_pending(asking_again_.front());
    asking_again_.pop_front();
    if (entry != nullptr) ask_again(*entry);
  }
}

void OwnerLookup::tick() {
  ask_some_again();
  const TimePoint now = with_.clock.now();
  while (const auto serial = with_.waits.first_due(now)) {
    PendingSubscription* const entry = with_.channels.find_pending(*serial);
    if (entry == nullptr) with_.waits.skip_first();  // the next tick continues behind it
    USHER_INVARIANT(entry != nullptr);
    with_.endings.cancel_and_tell(*entry, Error::permission_denied, kNeverBound);
  }
}

}  // namespace usher::hub
