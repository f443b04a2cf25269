#include "hub/personal_channels.h"

#include <cstdint>
#include <utility>

#include "wire/protocol_reply.h"

namespace usher::hub {

void PersonalChannels::deliver(const PersonalName& personal, const Delivery& delivery) {
  std::uint64_t delivered = 0;
  const auto deliver = [&](Subscriber& subscriber) {
    if (hub_side(subscriber).stage != HubSide::Stage::live) return;
    subscriber.deliver(delivery.frame);
    ++delivered;
  };
  if (personal.kind == Personal::session) {
    for (auto* s = with_.index.of_session(personal.id); s != nullptr;
         s = SubscriberIndex::next_of_session(*s)) {
      deliver(*s);
    }
  } else {
    for (auto* s = with_.index.of_user(personal.id); s != nullptr;
         s = SubscriberIndex::next_of_user(*s)) {
      deliver(*s);
    }
  }
  with_.stats.deliveries += delivered;
}

void PersonalChannels::tell_lost(const PersonalName& personal, std::string_view channel) {
  std::string text;
  wire::append_subscribe_push(text, channel,
                              {.was_recovering = true, .gap = wire::RecoveryGap::epoch_changed});
  deliver(personal, {0, wire::make_text_frame(text)});
}

void PersonalChannels::on_left(std::string_view session, std::string_view user) {
  if (!session.empty() && with_.index.of_session(session) == nullptr) {
    with_.broker.unsubscribe(session_channel(session));
  }
  if (!user.empty() && with_.index.of_user(user) == nullptr) {
    with_.broker.unsubscribe(user_channel(user));
  }
}

void PersonalChannels::follow_user(Subscriber& subscriber, const std::string& old_user) {
  const Identity identity = subscriber.identity();
  if (identity.user == old_user) return;
  if (!old_user.empty()) end_user_channel(subscriber, old_user);
  with_.broker.disconnected(subscriber.client(), {}, old_user);
  with_.broker.connected(subscriber.client(), {}, identity.user);
  if (!identity.user.empty()) begin_user_channel(subscriber, identity.user);
}

void PersonalChannels::end_user_channel(Subscriber& subscriber, const std::string& user) {
  const std::string channel = user_channel(user);
  if (Subscription* const there = with_.channels.subscription(subscriber, channel)) {
    with_.endings.end(subscriber, *there);
  }
  on_left({}, user);
  push_unsubscribe(subscriber, channel, kServerUnsubscribe);
}

void PersonalChannels::begin_user_channel(Subscriber& subscriber, std::string_view user) {
  std::string channel = user_channel(user);
  if (!is_indexed(personal_name(channel), channel)) {
    return with_.subscribing.begin_push(subscriber,
                                        {.channel = std::move(channel), .by = {.token = true}});
  }
  with_.broker.subscribe(channel,
                         [this, client = subscriber.client(), channel](Result<void, Error> answer) {
                           Subscriber* const here = with_.index.find(client);
                           if (here == nullptr || !answer) return;
                           std::string text;
                           wire::append_subscribe_push(text, channel, {});
                           here->deliver(wire::make_text_frame(text));
                         });
}

}  // namespace usher::hub
