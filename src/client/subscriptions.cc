#include "client/subscriptions.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "client/json_fields.h"

namespace usher::client {

namespace {

constexpr double kUnrecoverable = 112;
// From this unsubscribe code on, the server wants the client to subscribe again: messages may be
// missing.
constexpr double kSubscribeAgain = 2500;
// What a ticket takes (16 KiB), nearly; the rest is asked for on the live socket.
constexpr std::size_t kSubsBytesMax = 16000;

bool is_temporary(const json::object& error) {
  if (const auto said = bool_field(error, "temporary")) return *said;
  const double code = number_field(error, "code").value_or(0);
  return code == 100 || code == 111;
}

}  // namespace

Subscriptions::Channel& Subscriptions::know(const std::string& name, bool wished) {
  Channel& channel = channels_[name];
  if (channel.order == 0) channel.order = ++last_order_;
  if (wished && !channel.wished) {
    channel.wished = true;
    ++wished_count_;
  }
  return channel;
}

std::vector<Subscriptions::Channels::value_type*> Subscriptions::in_order() {
  std::vector<Channels::value_type*> sorted;
  for (auto& entry : channels_) sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, [](const auto* entry) { return entry->second.order; });
  return sorted;
}

json::object Subscriptions::restore() {
  json::object subs;
  std::size_t room = kSubsBytesMax;
  asked_.clear();
  for (const auto* entry : in_order()) {
    const auto& [name, channel] = *entry;
    if (!channel.epoch && !channel.wished) continue;
    json::object wish;
    if (channel.epoch) {
      wish = {{"recover", true}, {"epoch", *channel.epoch}, {"offset", channel.offset.value_or(0)}};
    }
    const std::size_t bytes = json::serialize(json::array{name, wish}).size();
    if (bytes >= room) break;
    room -= bytes;
    subs.emplace(name, std::move(wish));
    asked_.insert(name);
  }
  return subs;
}

void Subscriptions::connected(const json::object* results, Output& out) {
  commands_.clear();
  last_id_ = 0;
  for (auto& [name, channel] : channels_) channel.live = channel.retried = false;

  for (const auto& [key, value] : results ? *results : json::object()) {
    const json::object* result = value.if_object();
    if (!result) continue;
    const std::string name(key);
    const bool unwanted = asked_.contains(name) && !channels_.contains(name);
    if (!unwanted) {
      answer(name, *result, out);
    } else if (!object_field(*result, "error")) {
      send("unsubscribe", {{"channel", name}}, out);
    }
  }
  for (auto* entry : in_order()) {
    auto& [name, channel] = *entry;
    if (channel.wished && !channel.live && !asked_.contains(name)) ask(name, channel, out);
  }
}

void Subscriptions::subscribe(const std::string& name, bool on_live_socket, Output& out) {
  const bool known = channels_.contains(name);
  Channel& channel = know(name, /*wished=*/true);
  if (!known && on_live_socket) ask(name, channel, out);
}

void Subscriptions::unsubscribe(const std::string& name, bool on_live_socket, Output& out) {
  const auto found = channels_.find(name);
  if (found == channels_.end()) return;
  const bool live = found->second.live;
  forget(name);
  if (on_live_socket && live) send("unsubscribe", {{"channel", name}}, out);
}

void Subscriptions::publish(const std::string& name, const json::value& data, bool on_live_socket,
                            Output& out) {
  if (on_live_socket) send("publish", {{"channel", name}, {"data", data}}, out);
}

void Subscriptions::received(const json::object& frame, Output& out) {
  if (const json::object* push = object_field(frame, "push")) return pushed(*push, out);
  const auto id = whole_field(frame, "id");
  const auto command = id ? commands_.find(*id) : commands_.end();
  if (command == commands_.end()) return;
  const bool refusal = object_field(frame, "error") != nullptr;
  const json::object* result = refusal ? &frame : object_field(frame, "subscribe");
  if (!result) return;
  const std::string name = std::move(command->second);
  commands_.erase(command);
  answer(name, *result, out);
}

void Subscriptions::pushed(const json::object& push, Output& out) {
  const auto channel_name = string_field(push, "channel");
  if (!channel_name) return;
  const std::string name(*channel_name);
  if (const json::object* result = object_field(push, "subscribe"))
    return answer(name, *result, out);

  const auto found = channels_.find(name);
  if (found == channels_.end()) return;
  if (const json::object* pub = object_field(push, "pub")) {
    publication(name, found->second, *pub, out);
  } else if (const json::object* why = object_field(push, "unsubscribe")) {
    ended(name, found->second, *why, out);
  }
}

// The server's own come back by a subscribe push.
void Subscriptions::ended(const std::string& name, Channel& channel, const json::object& why,
                          Output& out) {
  if (number_field(why, "code").value_or(0) < kSubscribeAgain) return refused(name, why, out);
  channel.live = false;
  retry(out);
}

void Subscriptions::retry(Output& out) {
  for (auto* entry : in_order()) {
    auto& [name, channel] = *entry;
    if (channel.wished && !channel.live) ask(name, channel, out);
  }
}

// `result` is a subscribe result, or has an `error`.
void Subscriptions::answer(const std::string& name, const json::object& result, Output& out) {
  if (!channels_.contains(name) && !has_room()) return;
  Channel& channel = know(name, /*wished=*/false);
  if (const json::object* error = object_field(result, "error"))
    return failed(name, channel, *error, out);
  channel.live = true;
  if (bool_field(result, "pending").value_or(false)) return;
  channel.retried = false;
  subscribed(name, channel, result, out);
}

void Subscriptions::subscribed(const std::string& name, Channel& channel,
                               const json::object& result, Output& out) {
  const bool recovered = bool_field(result, "recovered").value_or(false);
  const auto epoch = string_field(result, "epoch");
  // Offsets of another epoch say nothing about this one.
  const bool continued = epoch ? epoch == channel.epoch : recovered;
  if (!continued) {
    channel.epoch.reset();
    if (epoch && bool_field(result, "recoverable").value_or(true))
      channel.epoch = std::string(*epoch);
    channel.offset.reset();
  }
  out.events.push_back(Subscribed{name, recovered});
  if (const json::array* missed = array_field(result, "publications")) {
    for (const json::value& pub : *missed) {
      if (const json::object* fields = pub.if_object()) publication(name, channel, *fields, out);
    }
  }
  if (const auto offset = whole_field(result, "offset")) {
    channel.offset = std::max(*offset, channel.offset.value_or(*offset));
  }
}

void Subscriptions::publication(const std::string& name, Channel& channel, const json::object& pub,
                                Output& out) {
  const auto offset = whole_field(pub, "offset");
  if (offset && channel.offset && *offset <= *channel.offset) return;
  if (offset) channel.offset = offset;
  const json::value* data = pub.if_contains("data");
  out.events.push_back(Publication{name, data ? *data : json::value(), offset});
}

void Subscriptions::failed(const std::string& name, Channel& channel, const json::object& error,
                           Output& out) {
  channel.live = false;
  if (number_field(error, "code") == kUnrecoverable && !channel.retried) {
    channel.retried = true;
    channel.epoch.reset();
    channel.offset.reset();
    return ask(name, channel, out);
  }
  if (!is_temporary(error)) refused(name, error, out);
}

void Subscriptions::refused(const std::string& name, const json::object& why, Output& out) {
  forget(name);
  const double code = std::trunc(number_field(why, "code").value_or(0));
  const bool in_range = code > -1e15 && code < 1e15;
  out.events.push_back(SubscriptionFailed{name, in_range ? static_cast<std::int64_t>(code) : 0});
}

void Subscriptions::forget(const std::string& name) {
  std::erase_if(commands_, [&](const auto& command) { return command.second == name; });
  const auto found = channels_.find(name);
  if (found == channels_.end()) return;
  if (found->second.wished) --wished_count_;
  channels_.erase(found);
}

void Subscriptions::ask(const std::string& name, Channel& channel, Output& out) {
  channel.live = true;
  json::object body{{"channel", name}};
  if (channel.epoch) {
    body["recover"] = true;
    body["epoch"] = *channel.epoch;
    body["offset"] = channel.offset.value_or(0);
  }
  send("subscribe", std::move(body), out);
  commands_.emplace(last_id_, name);
}

void Subscriptions::send(std::string_view command, json::object body, Output& out) {
  json::object data;
  data.emplace("id", ++last_id_);
  data.emplace(command, std::move(body));
  out.effects.push_back(Send{std::move(data)});
}

}  // namespace usher::client
