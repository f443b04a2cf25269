#include "hub/position_lookup.h"

#include <utility>

#include "base/check.h"
#include "hub/client_info.h"
#include "hub/grant_holding.h"
#include "hub/recovery.h"

namespace usher::hub {
namespace {

RecoveryWish wish_of(const PendingSubscription& entry) {
  return {.since = entry.recover_since,
          .from_start = entry.from_start,
          .refuse_gap = entry.refuses_gap};
}

}  // namespace

void PositionLookup::begin(PendingSubscription& entry) {
  with_.broker.subscribe(
      entry.channel->name,
      [this, serial = entry.serial](Result<void, Error> answer) { on_reached(serial, answer); });
}

PendingSubscription* PositionLookup::find(std::uint64_t serial, PendingStep step) {
  PendingSubscription* const entry = with_.channels.find_pending(serial);
  return entry != nullptr && entry->step() == step ? entry : nullptr;
}

void PositionLookup::on_reached(std::uint64_t serial, Result<void, Error> answer) {
  PendingSubscription* const entry = find(serial, PendingStep::reach);
  if (entry == nullptr) return;
  if (!answer) return with_.endings.cancel(*entry, answer.error());
  if (entry->life.take(PendingEvent::reached)) ask(*entry);
}

void PositionLookup::ask(PendingSubscription& entry) {
  const std::uint64_t serial = entry.serial;
  const NamespaceOptions& options = *entry.channel->options;
  entry.answers_missing = 1;  // our own, until everything is asked
  SubscribeOperation* const operation = with_.operations.of(entry);
  USHER_INVARIANT(operation != nullptr);
  operation->outcomes[entry.outcome].outcome = not_recoverable(wish_of(entry));

  if (options.presence || options.join_leave) {
    ++entry.answers_missing;
    entry.present = true;
    with_.broker.add_presence(
        entry.channel->name,
        info_of(*entry.subscriber, with_.channels.subscription(*entry.subscriber, *entry.channel)),
        [this, serial](Result<void, Error> answer) { on_presence(serial, answer); });
  }
  // A refusal may have ended it.
  PendingSubscription* const here = with_.channels.find_pending(serial);
  if (here == nullptr) return;
  if (needs_history(options, wish_of(*here))) {
    ++here->answers_missing;
    const RecoveryLimits limits{with_.options.recovery_publications_max, 0};
    with_.broker.history(
        here->channel->name, recovery_query(options, wish_of(*here), limits),
        [this, serial](Result<HistoryPage, Error> answer) { on_page(serial, std::move(answer)); });
  }
  PendingSubscription* const last = with_.channels.find_pending(serial);
  if (last != nullptr) one_answer_less(*last);
}

void PositionLookup::on_presence(std::uint64_t serial, Result<void, Error> answer) {
  PendingSubscription* const entry = find(serial, PendingStep::position);
  if (entry == nullptr) return;
  if (answer) return one_answer_less(*entry);
  entry->present = false;
  with_.endings.cancel(*entry, answer.error());
}

void PositionLookup::on_page(std::uint64_t serial, Result<HistoryPage, Error> answer) {
  PendingSubscription* const entry = find(serial, PendingStep::position);
  if (entry == nullptr) return;
  if (!answer) return with_.endings.cancel(*entry, answer.error());

  SubscribeOperation& operation = *with_.operations.of(*entry);
  LocalChannel& channel = *entry->channel;
  if (channel.position.epoch != answer->position.epoch) channel.position = answer->position;
  const RecoveryLimits limits{with_.options.recovery_publications_max,
                              operation.recovery_bytes_left()};
  Subscribed subscribed = recovered(*channel.options, wish_of(*entry), std::move(*answer),
                                    entry->held_back.lost_offset(), limits);
  if (must_refuse(*channel.options, wish_of(*entry), subscribed)) {
    ++with_.stats.not_recovered;
    return with_.endings.cancel(*entry, Error::unrecoverable_position);
  }
  operation.take_recovery_bytes(size_in_bytes(subscribed.publications));
  operation.outcomes[entry->outcome].outcome = std::move(subscribed);
  one_answer_less(*entry);
}

void PositionLookup::one_answer_less(PendingSubscription& entry) {
  if (--entry.answers_missing > 0) return;
  SubscribeOperation& operation = *with_.operations.of(entry);
  Subscribed& subscribed = *operation.outcomes[entry.outcome].outcome;
  subscribed.grant = std::move(entry.grant);
  USHER_INVARIANT(entry.life.take(PendingEvent::answered));
  entry.position_offset = subscribed.position.offset;
  // A new subscriber of a channel with the newest publication has lost nothing.
  if (subscribed.was_recovering && entry.recover_since) {
    ++(subscribed.recovered ? with_.stats.recovered : with_.stats.not_recovered);
  }
  with_.operations.settle(operation.key);
}

void PositionLookup::answer_live(SubscribeOperation& operation, std::size_t outcome,
                                 const Subscription& subscription, RecoveryWish wish,
                                 GrantAnswer grant) {
  const LocalChannel& channel = *subscription.channel;
  if (!needs_history(*channel.options, wish)) {
    Subscribed subscribed = not_recoverable(wish);
    subscribed.grant = std::move(grant);
    operation.outcomes[outcome].outcome = std::move(subscribed);
    return;
  }
  const bool is_known = !channel.position.epoch.empty() && !channel.options->gives_newest();
  if (!wish.since && is_known) {
    operation.outcomes[outcome].outcome = Subscribed{.recoverable = channel.options->recovery,
                                                     .positioned = true,
                                                     .position = channel.position,
                                                     .grant = std::move(grant)};
    return;
  }
  ++operation.waiting;
  const RecoveryLimits limits{with_.options.recovery_publications_max,
                              operation.recovery_bytes_left()};
  HistoryQuery query = recovery_query(*channel.options, wish, limits);
  with_.broker.history(
      channel.name, std::move(query),
      [this, key = operation.key, outcome, limits, wish = std::move(wish), grant = std::move(grant),
       options = channel.options](Result<HistoryPage, Error> page) mutable {
        SubscribeOperation* const found = with_.operations.find(key);
        if (found == nullptr) return;
        Result<Subscribed, Error> subscribed = Error::unrecoverable_position;
        if (!page) {
          subscribed = page.error();
        } else if (Subscribed told = recovered(*options, wish, std::move(*page), 0, limits);
                   !must_refuse(*options, wish, told)) {
          told.grant = std::move(grant);
          subscribed = std::move(told);
        }
        on_live_outcome(*found, outcome, std::move(subscribed));
        with_.operations.settle(key);
      });
}

void PositionLookup::on_live_outcome(SubscribeOperation& operation, std::size_t outcome,
                                     Result<Subscribed, Error> subscribed) {
  if (subscribed) {
    operation.outcomes[outcome].outcome = std::move(*subscribed);
    return;
  }
  operation.refuse(outcome, subscribed.error());
  // The other holders keep the subscription. The client has not got it, and may ask again.
  Subscription* const there =
      with_.channels.subscription(*operation.subscriber, operation.outcomes[outcome].channel);
  // One that is not live is another than the one that was to be answered: the client has
  // unsubscribed meanwhile, and subscribed again.
  if (there == nullptr || !there->live) return;
  there->by.client = false;
  const bool is_others = there->by.wish || there->by.token;
  if (there->grants == nullptr || is_others) return;
  const ClientInfo before = info_of(*operation.subscriber, there);
  there->grants->drop_client();
  show_change(with_.broker, *operation.subscriber, *there, before);
}

}  // namespace usher::hub
