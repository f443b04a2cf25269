#include "hub/hub_state.h"

#include <algorithm>
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

bool permits(Verdict verdict) {
  return verdict == Verdict::allowed || verdict == Verdict::owner_decides;
}

// A token holds what it names exactly, and the personal channels of whom it names.
bool token_names(const Identity& identity, std::string_view channel) {
  if (personal_name(channel).kind != Personal::no) return true;
  const auto& channel_patterns = identity.channel_patterns;
  return is_exact(channel) && std::find(channel_patterns.begin(), channel_patterns.end(),
                                        channel) != channel_patterns.end();
}

// The server API may subscribe wherever there is such a channel; but owners are owners.
Verdict backends_verdict(const ChannelRules& rules, std::string_view channel) {
  if (!rules.well_formed(channel)) return Verdict::malformed;
  if (personal_name(channel).kind != Personal::no) return Verdict::denied;
  const NamespaceOptions* const space = rules.options(channel);
  if (space == nullptr) return Verdict::unknown;
  return space->subscribe == Audience::owner ? Verdict::owner_decides : Verdict::allowed;
}

}  // namespace

Holders HubState::permitted(const Subscriber& subscriber, std::string_view channel,
                            Holders holders) const {
  const Identity identity = subscriber.identity();
  const bool own = permits(rules.may_subscribe(identity, channel));
  holders.client = holders.client && own;
  holders.wish = holders.wish && own;
  holders.token = holders.token && own && token_names(identity, channel);
  holders.backend = holders.backend && permits(backends_verdict(rules, channel));
  return holders;
}

Verdict HubState::verdict(const Subscriber& subscriber, std::string_view channel,
                          const Holders& holders) const {
  if (holders.backend) return backends_verdict(rules, channel);
  const Verdict own = rules.may_subscribe(subscriber.identity(), channel);
  const bool named = holders.client || holders.wish || token_names(subscriber.identity(), channel);
  return permits(own) && !named ? Verdict::denied : own;
}

void HubState::drop(Subscriber& subscriber, std::uint32_t subscription) {
  const Subscription gone = hub_side(subscriber).state->subscriptions[subscription];
  LocalChannel& channel = *gone.channel;
  const bool entered = gone.live ? channel.options->presence || channel.options->join_leave
                                 : channel.pending[gone.slot]->entered;
  const bool last = channels.remove(subscriber, subscription);
  if (entered) broker.remove_presence(channel.name, info_of(subscriber));
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
