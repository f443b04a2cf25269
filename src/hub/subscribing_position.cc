// Reaching a channel's deliveries, its history and its presence (subscribing.h).
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "hub/recovery.h"
#include "hub/subscribing.h"

namespace usher::hub {
namespace {

using Step = PendingSubscription::Step;

RecoveryWish wish_of(const PendingSubscription& entry) {
  return {.since = entry.recover_since, .from_start = entry.from_start};
}

}  // namespace

void Subscribing::reach(PendingSubscription& entry) {
  entry.step = Step::reach;
  state_.broker.subscribe(
      entry.channel->name,
      [this, serial = entry.serial](Result<void, Error> answer) { on_reached(serial, answer); });
}

void Subscribing::on_reached(std::uint64_t serial, Result<void, Error> answer) {
  PendingSubscription* const entry = state_.channels.find_entry(serial);
  if (entry == nullptr || entry->step != Step::reach) return;
  if (!answer) return cancel(*entry, answer.error());
  ask_position(*entry, serial);
}

void Subscribing::ask_position(PendingSubscription& entry, std::uint64_t serial) {
  const NamespaceOptions& options = *entry.channel->options;
  entry.step = Step::position;
  entry.answers_missing = 1;  // our own, until everything is asked
  SubscribeOperation* const operation = operation_of(entry);
  USHER_INVARIANT(operation != nullptr);
  operation->outcomes[entry.outcome].outcome = not_recoverable(wish_of(entry));

  if (options.presence || options.join_leave) {
    ++entry.answers_missing;
    entry.entered = true;
    state_.broker.add_presence(
        entry.channel->name, HubState::info_of(*entry.subscriber),
        [this, serial](Result<void, Error> answer) { on_entered(serial, answer); });
  }
  PendingSubscription* const here =
      state_.channels.find_entry(serial);  // unless the answer was a refusal
  if (here == nullptr) return;
  if (needs_history(options, wish_of(*here))) {
    ++here->answers_missing;
    const RecoveryLimits limits{state_.options.recovery_publications_max, 0};
    state_.broker.history(
        here->channel->name, recovery_query(wish_of(*here), limits),
        [this, serial](Result<HistoryPage, Error> answer) { on_page(serial, std::move(answer)); });
  }
  if (PendingSubscription* const last = state_.channels.find_entry(serial)) one_answer_less(*last);
}

void Subscribing::on_entered(std::uint64_t serial, Result<void, Error> answer) {
  PendingSubscription* const entry = state_.channels.find_entry(serial);
  if (entry == nullptr || entry->step != Step::position) return;
  if (answer) return one_answer_less(*entry);
  entry->entered = false;
  cancel(*entry, answer.error());
}

void Subscribing::on_page(std::uint64_t serial, Result<HistoryPage, Error> answer) {
  PendingSubscription* const entry = state_.channels.find_entry(serial);
  if (entry == nullptr || entry->step != Step::position) return;
  if (!answer) return cancel(*entry, answer.error());

  SubscribeOperation& operation = *operation_of(*entry);
  LocalChannel& channel = *entry->channel;
  if (channel.position.epoch != answer->position.epoch) channel.position = answer->position;
  const RecoveryLimits limits{state_.options.recovery_publications_max, bytes_left(operation)};
  Subscribed subscribed =
      recovered(*channel.options, wish_of(*entry), std::move(*answer), entry->lost_offset, limits);
  operation.recovery_bytes_left -=
      std::min(operation.recovery_bytes_left, size_in_bytes(subscribed.publications));
  operation.outcomes[entry->outcome].outcome = std::move(subscribed);
  one_answer_less(*entry);
}

void Subscribing::one_answer_less(PendingSubscription& entry) {
  if (--entry.answers_missing > 0) return;
  SubscribeOperation& operation = *operation_of(entry);
  const Subscribed& subscribed = *operation.outcomes[entry.outcome].outcome;
  entry.step = Step::ready;
  entry.position_offset = subscribed.position.offset;
  if (subscribed.was_recovering) {
    ++(subscribed.recovered ? state_.stats.recovered : state_.stats.not_recovered);
  }
  settle({entry.subscriber->client(), entry.operation});
}

}  // namespace usher::hub
