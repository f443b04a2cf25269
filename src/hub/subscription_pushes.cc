#include "hub/subscription_pushes.h"

#include <string>

#include "wire/protocol_reply.h"

namespace usher::hub {
namespace {

// The position that a subscribe push names: publications after it are pushes of their own.
Position before(const Subscribed& subscribed) {
  Position position = subscribed.position;
  if (!subscribed.publications.empty()) {
    position.offset = subscribed.publications.front()->offset - 1;
  }
  return position;
}

}  // namespace

void push_unsubscribe(Subscriber& subscriber, std::string_view channel, UnsubscribeReason reason) {
  std::string text;
  wire::append_unsubscribe_push(text, channel, reason.code, reason.text);
  subscriber.deliver(wire::make_text_frame(text));
}

void push_subscribed(Subscriber& subscriber, std::string_view channel,
                     const Subscribed& subscribed) {
  const Position position = before(subscribed);
  std::string text;
  wire::SubscribeResult result;
  result.recoverable = subscribed.recoverable;
  result.epoch = position.epoch;
  result.offset = position.offset;
  result.positioned = subscribed.positioned;
  result.was_recovering = subscribed.was_recovering;
  result.recovered = subscribed.recovered;
  result.gap = subscribed.gap;
  result.data = subscribed.grant.data;
  wire::append_subscribe_push(text, channel, result);
  const PublicationViews views(subscribed.publications);
  for (const wire::Publication& publication : views.get()) {
    wire::append_publication_push(text, channel, publication);
  }
  subscriber.deliver(wire::make_text_frame(text));
}

}  // namespace usher::hub
