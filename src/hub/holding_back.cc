#include "hub/holding_back.h"

#include <cstdint>

#include "base/check.h"
#include "hub/local_channels.h"
#include "hub/recovery.h"

namespace usher::hub {

void HoldingBack::add(PendingSubscription& entry, const Delivery& delivery) {
  const PendingStep step = entry.step();
  if (!holds_back(step) || entry.refused) return;
  // While its answer is being told, it is about to be live: nothing can be dropped any more.
  const bool is_full = entry.held_back.size() >= options_.held_back_max;
  if (is_full && step != PendingStep::telling) {
    entry.held_back.drop_all();
    if (step == PendingStep::ready) tell_lost(entry);
  }
  entry.held_back.add(delivery);
}

// The answer is there and not yet told: it has to say that deliveries after it were dropped.
void HoldingBack::tell_lost(PendingSubscription& entry) {
  const std::uint64_t lost_offset = entry.held_back.lost_offset();
  if (lost_offset <= entry.position_offset) return;
  SubscribeOperation* const operation = operations_.of(entry);
  USHER_INVARIANT(operation != nullptr);
  Subscribed& subscribed = *operation->outcomes[entry.outcome].outcome;
  entry.position_offset = subscribed.position.offset = lost_offset;
  subscribed.publications.clear();
  // Of the newest publication nothing is missing: it is among the deliveries after the dropped ones.
  const NamespaceOptions& options = *entry.channel->options;
  if (!subscribed.was_recovering || options.gives_newest()) return;
  subscribed.recovered = false;
  subscribed.gap = wire::RecoveryGap::limit;
  if (!must_refuse(options, {.refuse_gap = entry.refuses_gap}, subscribed)) return;
  entry.refused = true;
  entry.held_back.clear();
  operation->refuse(entry.outcome, Error::unrecoverable_position);
}

}  // namespace usher::hub
