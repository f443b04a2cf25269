#include "hub/rights_review.h"

#include <cstdint>
#include <vector>

#include "hub/client_info.h"

namespace usher::hub {
namespace {

// Returns what is granted; while a decision is waited for, what may be.
GrantedBy supposed(const Subscription& subscription) {
  const LocalChannel& channel = *subscription.channel;
  if (subscription.live) return granted_by(subscription);
  const PendingSubscription& entry = *channel.pending[subscription.slot];
  if (entry.step() != PendingStep::decision) return granted_by(subscription);
  return {.hook = entry.shown.token.empty(), .token = !entry.shown.token.empty()};
}

}  // namespace

void RightsReview::on_identity_changed(Subscriber& subscriber, bool user_changed) {
  if (hub_side(subscriber).state == nullptr) return;
  std::vector<std::string> names;
  for (const Subscription& subscription : hub_side(subscriber).state->subscriptions) {
    names.emplace_back(subscription.channel->name);
  }
  for (const std::string& name : names) {
    Subscription* there = with_.channels.subscription(subscriber, name);
    if (there != nullptr && user_changed) {
      with_.grant_ends.end_client_grant(subscriber, *there);
      there = with_.channels.subscription(subscriber, name);
    }
    if (there == nullptr) continue;
    there->by = permitted(with_.rules, subscriber.identity(), name, there->by, supposed(*there));
    if (!there->by.any()) {
      with_.endings.end_without_rights(subscriber, *there);
      continue;
    }
    const NamespaceOptions& options = *there->channel->options;
    if (there->live && options.presence) {
      with_.broker.add_presence(name, info_of(subscriber, there), [](Result<void, Error>) {});
    }
    if (options.subscribe == Audience::owner) review_owner(subscriber, name);
    if (user_changed && !there->live) {
      with_.decisions.ask_again(*there->channel->pending[there->slot]);
    }
  }
}

// The channel may be bound to the subscriber's former user.
void RightsReview::review_owner(Subscriber& subscriber, const std::string& channel) {
  Subscription* const there = with_.channels.subscription(subscriber, channel);
  if (there == nullptr || personal_name(channel).kind != Personal::no) return;
  if (!there->live) return with_.owners.ask_again(*there->channel->pending[there->slot]);
  with_.broker.owner(channel, [this, client = subscriber.client(),
                               channel](Result<std::optional<Owner>, Error> owner) {
    if (!owner || !owner->has_value()) return;
    with_.endings.end_live(channel, kBoundToAnother, [&](const Subscriber& member) {
      const Identity identity = member.identity();
      return member.client() == client && !(*owner)->is(identity.session, identity.user);
    });
  });
}

void RightsReview::on_bound(std::string_view channel, const Owner& owner) {
  with_.endings.end_live(channel, kBoundToAnother, [&](const Subscriber& subscriber) {
    const Identity identity = subscriber.identity();
    return !owner.is(identity.session, identity.user);
  });
  const LocalChannel* const found = with_.channels.find(channel);
  if (found == nullptr) return;
  std::vector<std::uint64_t> serials;
  for (const auto& entry : found->pending) serials.push_back(entry->serial);
  for (const std::uint64_t serial : serials) {
    PendingSubscription* const entry = with_.channels.find_pending(serial);
    if (entry != nullptr) with_.owners.on_bound(*entry, owner);
  }
}

}  // namespace usher::hub
