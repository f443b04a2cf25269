#include "hub/hub_state.h"

#include <string>

#include "wire/protocol_reply.h"

namespace usher::hub {
namespace {

// The position that a subscribe push names: what follows it are pushes of their own.
Position before(const Subscribed& subscribed) {
  Position position = subscribed.position;
  if (!subscribed.publications.empty()) {
    position.offset = subscribed.publications.front()->offset - 1;
  }
  return position;
}

}  // namespace

void HubState::drop(Subscriber& subscriber, std::uint32_t subscription) {
  const Subscription gone = hub_side(subscriber).state->subscriptions[subscription];
  LocalChannel& channel = *gone.channel;
  const bool entered = gone.live ? channel.options->presence || channel.options->join_leave
                                 : channel.entering[gone.slot]->entered;
  const bool last = channels.remove(subscriber, subscription);
  if (entered) broker.leave(channel.name, info_of(subscriber));
  if (!last) return;
  broker.unsubscribe(channel.name);
  channels.erase(channel);
}

void HubState::push_unsubscribe(Subscriber& subscriber, std::string_view channel,
                                UnsubscribeReason reason) {
  std::string text;
  wire::append_unsubscribe_push(text, channel, reason.code, reason.text);
  subscriber.deliver(wire::make_text_frame(text));
}

void HubState::push_subscribed(Subscriber& subscriber, std::string_view channel,
                               const Subscribed& subscribed) {
  const Position position = before(subscribed);
  std::string text;
  wire::SubscribeResult result;
  result.recoverable = subscribed.recoverable;
  result.epoch = position.epoch;
  result.offset = position.offset;
  result.positioned = subscribed.recoverable;
  result.was_recovering = subscribed.was_recovering;
  result.recovered = subscribed.recovered;
  result.gap = subscribed.gap;
  wire::append_subscribe_push(text, channel, result);
  const PublicationViews views(subscribed.publications);
  for (const wire::Publication& publication : views.get()) {
    wire::append_publication_push(text, channel, publication);
  }
  subscriber.deliver(wire::make_text_frame(text));
}

ClientInfo HubState::info_of(const Subscriber& subscriber) {
  const Identity identity = subscriber.identity();
  return {.client = subscriber.client().text(),
          .user = std::string(identity.user),
          .conn_info = std::string(identity.conn_info),
          .chan_info = {}};
}

}  // namespace usher::hub
