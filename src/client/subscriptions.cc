#include "client/subscriptions.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "client/json_fields.h"

namespace usher::client {

namespace {

constexpr double kUnrecoverable = 112;
// From this unsubscribe code on, the server wants the client to subscribe again: messages may be
// missing.
constexpr double kSubscribeAgain = 2500;

}  // namespace

void Subscriptions::connected(const json::object* results, Output& out) {
  queue_.begin();
  for (Channel* channel : channels_.in_order()) channel->requested = channel->retried = false;

  for (const auto& [key, value] : results ? *results : json::object()) {
    const json::object* result = value.if_object();
    if (!result) continue;
    const std::string name(key);
    const bool unwanted = ticket_subs_.holds(name) && !channels_.find(name);
    if (!unwanted) {
      answer(name, *result, out);
    } else if (!object_field(*result, "error")) {
      queue_.send("unsubscribe", {{"channel", name}}, out);
    }
  }
  for (Channel* channel : channels_.in_order()) {
    const bool travelled = ticket_subs_.holds(channel->name);
    if (channel->wished && !channel->requested && !travelled) queue_.add(*channel);
  }
  queue_.ask_on(out);
}

void Subscriptions::tick(Output& out) {
  if (queue_.tick()) queue_.ask_on(out);
  refresh_.tick(out);
}

void Subscriptions::lost(Output& out) {
  queue_.lost();
  refresh_.stop(out);
}

void Subscriptions::subscribe(const std::string& name, bool on_live_socket, Output& out) {
  const bool known = channels_.find(name) != nullptr;
  Channel& channel = channels_.know(name, /*wished=*/true);
  if (!known && on_live_socket) want(channel, out);
}

void Subscriptions::unsubscribe(const std::string& name, bool on_live_socket, Output& out) {
  Channel* const channel = channels_.find(name);
  if (!channel) return;
  const bool requested = channel->requested;
  forget(*channel);
  if (on_live_socket && requested) queue_.send("unsubscribe", {{"channel", name}}, out);
}

void Subscriptions::publish(const std::string& name, const json::value& data, bool on_live_socket,
                            Output& out) {
  if (on_live_socket) queue_.send("publish", {{"channel", name}, {"data", data}}, out);
}

void Subscriptions::received(const json::object& frame, Output& out) {
  if (const json::object* push = object_field(frame, "push")) return pushed(*push, out);
  const std::uint64_t id = whole_field(frame, "id").value_or(0);
  if (refresh_.take_reply(id, frame, out)) return;
  const Channel* const channel = queue_.asked_with(id);
  const bool refusal = object_field(frame, "error") != nullptr;
  const json::object* result = refusal ? &frame : object_field(frame, "subscribe");
  if (!channel || !result) return;
  queue_.answered(id);
  answer(channel->name, *result, out);
  queue_.ask_on(out);
}

void Subscriptions::pushed(const json::object& push, Output& out) {
  if (const json::object* life = object_field(push, "refresh")) return refresh_.learn(*life, out);
  const auto name = string_field(push, "channel");
  if (!name) return;
  if (const json::object* result = object_field(push, "subscribe"))
    return answer(std::string(*name), *result, out);

  Channel* const channel = channels_.find(std::string(*name));
  if (!channel) return;
  if (const json::object* pub = object_field(push, "pub")) {
    publication(*channel, *pub, out);
  } else if (const json::object* why = object_field(push, "unsubscribe")) {
    ended(*channel, *why, out);
  }
}

// A channel of the server's own needs no command: it comes back by a subscribe push.
void Subscriptions::ended(Channel& channel, const json::object& why, Output& out) {
  if (number_field(why, "code").value_or(0) < kSubscribeAgain) return refused(channel, why, out);
  channel.requested = false;
  retry(out);
}

void Subscriptions::retry(Output& out) {
  for (Channel* channel : channels_.in_order()) {
    if (channel->wished && !channel->requested) queue_.add(*channel);
  }
  queue_.clear_put_off();
  queue_.ask_on(out);
}

// `result` is a subscribe result, or has an `error`.
void Subscriptions::answer(const std::string& name, const json::object& result, Output& out) {
  if (!channels_.find(name) && !channels_.has_room()) return;
  Channel& channel = channels_.know(name, /*wished=*/false);
  if (const json::object* error = object_field(result, "error"))
    return failed(channel, *error, out);
  channel.requested = true;
  queue_.succeeded();
  if (bool_field(result, "pending").value_or(false)) return;
  channel.retried = false;
  subscribed(channel, result, out);
}

// The event comes first, then the missed publications, in order and once.
void Subscriptions::subscribed(Channel& channel, const json::object& result, Output& out) {
  channel.begin(result);
  out.events.push_back(Subscribed{channel.name, bool_field(result, "recovered").value_or(false)});
  if (const json::array* missed = array_field(result, "publications")) {
    for (const json::value& pub : *missed) {
      if (const json::object* fields = pub.if_object()) publication(channel, *fields, out);
    }
  }
  channel.advance(whole_field(result, "offset"));
}

void Subscriptions::publication(Channel& channel, const json::object& pub, Output& out) {
  const auto offset = whole_field(pub, "offset");
  if (!channel.advance(offset)) return;
  const json::value* data = pub.if_contains("data");
  out.events.push_back(Publication{channel.name, data ? *data : json::value(), offset});
}

void Subscriptions::failed(Channel& channel, const json::object& error, Output& out) {
  channel.requested = false;
  if (number_field(error, "code") == kUnrecoverable && !channel.retried) {
    channel.retried = true;
    channel.forget_position();
    return want(channel, out);
  }
  if (!is_temporary(error)) return refused(channel, error, out);
  if (channel.wished) queue_.put_off(channel, error);
}

void Subscriptions::refused(Channel& channel, const json::object& why, Output& out) {
  const double code = std::trunc(number_field(why, "code").value_or(0));
  const bool in_range = code > -1e15 && code < 1e15;
  out.events.push_back(
      SubscriptionFailed{channel.name, in_range ? static_cast<std::int64_t>(code) : 0});
  forget(channel);
}

void Subscriptions::forget(Channel& channel) {
  queue_.forget(channel);
  channels_.forget(channel);
}

void Subscriptions::want(Channel& channel, Output& out) {
  queue_.add(channel);
  queue_.ask_on(out);
}

}  // namespace usher::client
