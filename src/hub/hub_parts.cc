#include "hub/hub_parts.h"

#include <utility>

#include "wire/protocol_reply.h"

namespace usher::hub {

void Hub::Parts::deliver_personal(const PersonalName& personal, const Delivery& delivery) {
  const auto deliver = [&](Subscriber& subscriber) {
    if (hub_side(subscriber).stage != HubSide::Stage::live) return;
    subscriber.deliver(delivery.frame);
    ++state.stats.deliveries;
  };
  if (personal.kind == Personal::session) {
    for (auto* s = state.index.of_session(personal.id); s != nullptr;
         s = SubscriberIndex::next_of_session(*s)) {
      deliver(*s);
    }
  } else {
    for (auto* s = state.index.of_user(personal.id); s != nullptr;
         s = SubscriberIndex::next_of_user(*s)) {
      deliver(*s);
    }
  }
}

void Hub::Parts::let_go_of_personal(std::string_view session, std::string_view user) {
  if (!session.empty() && state.index.of_session(session) == nullptr) {
    state.broker.unsubscribe(session_channel(session));
  }
  if (!user.empty() && state.index.of_user(user) == nullptr) {
    state.broker.unsubscribe(user_channel(user));
  }
}

void Hub::Parts::end(Subscriber& subscriber, const Subscription& subscription) {
  LocalChannel& channel = *subscription.channel;
  if (!subscription.live) {
    return subscribing.cancel(*channel.pending[subscription.slot], Subscribing::kUnsubscribed);
  }
  state.drop(subscriber, channel.live[subscription.slot].index);
}

void Hub::Parts::end_live(std::string_view channel, UnsubscribeReason reason,
                          UniqueFunction<bool(Subscriber&)> which) {
  LocalChannel* const found = state.channels.find(channel);
  if (found == nullptr) return;
  std::vector<Subscriber*> ending;
  for (const Member& member : found->live) {
    if (which(*member.subscriber)) ending.push_back(member.subscriber);
  }
  const std::string name(channel);
  for (Subscriber* const subscriber : ending) {
    end(*subscriber, *state.channels.subscription(*subscriber, name));
    HubState::push_unsubscribe(*subscriber, name, reason);
  }
}

void Hub::Parts::on_bound(std::string_view channel, const Owner& owner) {
  end_live(channel, kBoundToAnother, [&](const Subscriber& subscriber) {
    const Identity identity = subscriber.identity();
    return !owner.is(identity.session, identity.user);
  });
  const LocalChannel* const found = state.channels.find(channel);
  if (found == nullptr) return;
  std::vector<std::uint64_t> serials;
  for (const auto& entry : found->pending) serials.push_back(entry->serial);
  for (const std::uint64_t serial : serials) {
    if (PendingSubscription* const entry = state.channels.find_entry(serial))
      subscribing.on_bound(*entry, owner);
  }
}

// A client subscribes again by itself, with recovery, and is told what is missing. For the other
// holders the server subscribes again, each with its own rights.
void Hub::Parts::on_deliveries_lost(std::string_view name) {
  const PersonalName personal = personal_name(name);
  if (state.is_indexed(personal, name)) return tell_lost_personal(personal, name);
  LocalChannel* const found = state.channels.find(name);
  if (found == nullptr) return;
  for (const auto& entry : found->pending) subscribing.on_lost(*entry);
  const std::string channel(name);
  const Position position = found->position;
  std::vector<std::pair<ClientId, Holders>> renewed;
  for (const Member& member : found->live) {
    Holders by = hub_side(*member.subscriber).state->subscriptions[member.index].by;
    by.client = false;
    if (by.any()) renewed.emplace_back(member.subscriber->client(), by);
  }
  end_live(channel, kInsufficientState, [](Subscriber&) { return true; });
  for (const auto& [client, by] : renewed) {
    Subscriber* const subscriber = state.index.find(client);
    if (subscriber == nullptr) continue;
    subscribing.begin_push(*subscriber, {.channel = channel, .recover_since = position, .by = by});
  }
}

// These are no subscriptions that could end and begin again: it is said that they did.
void Hub::Parts::tell_lost_personal(const PersonalName& personal, std::string_view channel) {
  std::string text;
  wire::append_subscribe_push(text, channel,
                              {.was_recovering = true, .gap = wire::RecoveryGap::epoch_changed});
  deliver_personal(personal, {0, wire::make_text_frame(text)});
}

void Hub::Parts::follow_user(Subscriber& subscriber, const std::string& old_user) {
  const Identity identity = subscriber.identity();
  if (identity.user == old_user) return;
  if (!old_user.empty()) {
    const std::string channel = user_channel(old_user);
    if (Subscription* const there = state.channels.subscription(subscriber, channel)) {
      end(subscriber, *there);
    }
    let_go_of_personal({}, old_user);
    HubState::push_unsubscribe(subscriber, channel, kServerUnsubscribe);
  }
  state.broker.disconnected(subscriber.client(), {}, old_user);
  const ClientId client = subscriber.client();
  state.broker.connected(client, {}, identity.user);
  if (identity.user.empty()) return;

  std::string channel = user_channel(identity.user);
  if (!state.is_indexed(personal_name(channel), channel)) {
    return subscribing.begin_push(subscriber,
                                  {.channel = std::move(channel), .by = {.token = true}});
  }
  state.broker.subscribe(channel, [this, client, channel](Result<void, Error> answer) {
    Subscriber* const here = state.index.find(client);
    if (here == nullptr || !answer) return;
    std::string text;
    wire::append_subscribe_push(text, channel, {});
    here->deliver(wire::make_text_frame(text));
  });
}

void Hub::Parts::review_subscriptions(Subscriber& subscriber) {
  if (hub_side(subscriber).state == nullptr) return;
  std::vector<std::string> names;
  for (const Subscription& subscription : hub_side(subscriber).state->subscriptions) {
    names.emplace_back(subscription.channel->name);
  }
  for (const std::string& name : names) {
    Subscription* const there = state.channels.subscription(subscriber, name);
    if (there == nullptr) continue;
    there->by = state.permitted(subscriber, name, there->by);
    if (!there->by.any()) {
      end_without_rights(subscriber, *there);
      continue;
    }
    const NamespaceOptions& options = *there->channel->options;
    if (there->live && options.presence) {
      state.broker.add_presence(name, HubState::info_of(subscriber), [](Result<void, Error>) {});
    }
    if (options.subscribe == Audience::owner) review_owner(subscriber, name);
  }
}

void Hub::Parts::end_without_rights(Subscriber& subscriber, const Subscription& subscription) {
  LocalChannel& channel = *subscription.channel;
  if (!subscription.live)
    return subscribing.end_without_rights(*channel.pending[subscription.slot]);
  const std::string name(channel.name);
  end(subscriber, subscription);
  HubState::push_unsubscribe(subscriber, name, kRightsLost);
}

// A binding may name another than who the connection is now.
void Hub::Parts::review_owner(Subscriber& subscriber, const std::string& channel) {
  Subscription* const there = state.channels.subscription(subscriber, channel);
  if (there == nullptr || personal_name(channel).kind != Personal::no) return;
  if (!there->live) return subscribing.ask_again(*there->channel->pending[there->slot]);
  state.broker.owner(channel, [this, client = subscriber.client(),
                               channel](Result<std::optional<Owner>, Error> owner) {
    if (!owner || !owner->has_value()) return;
    end_live(channel, kBoundToAnother, [&](const Subscriber& member) {
      const Identity identity = member.identity();
      return member.client() == client && !(*owner)->is(identity.session, identity.user);
    });
  });
}

}  // namespace usher::hub
