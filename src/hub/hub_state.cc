#include "hub/hub_state.h"

#include <string>

#include "wire/protocol_reply.h"

namespace usher::hub {

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

ClientInfo HubState::info_of(const Subscriber& subscriber) {
  const Identity identity = subscriber.identity();
  return {.client = subscriber.client().text(),
          .user = std::string(identity.user),
          .conn_info = std::string(identity.conn_info),
          .chan_info = {}};
}

}  // namespace usher::hub
