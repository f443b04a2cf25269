#include "client/subscriptions.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <utility>

#include "client/json_fields.h"
#include "wire/protocol_command.h"
#include "wire/utf8.h"

namespace usher::client {

namespace {

constexpr double kUnrecoverable = 112;
// From this unsubscribe code on, the server wants the client to subscribe again: messages may be
// missing.
constexpr double kSubscribeAgain = 2500;
constexpr double kTooManyRequests = 111;

bool is_temporary(const json::object& error) {
  if (const auto said = bool_field(error, "temporary")) return *said;
  const double code = number_field(error, "code").value_or(0);
  return code == 100 || code == kTooManyRequests;
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
  bytes_ = entries_ = 0;
  restored_.clear();
  for (const auto* entry : in_order()) {
    const auto& [name, channel] = *entry;
    const bool sendable = !name.empty() && wire::is_valid_utf8(name);
    if ((!channel.epoch && !channel.wished) || !sendable) continue;
    json::object wish;
    if (channel.epoch) {
      wish = {{"recover", true}, {"epoch", *channel.epoch}, {"offset", channel.offset.value_or(0)}};
    }
    const std::size_t bytes = bytes_ + json::serialize(json::array{name, wish}).size();
    const std::size_t entries = entries_ + (wire::is_personal(name) ? 0 : 1);
    if (bytes >= bytes_max_ || entries > entries_max_) continue;
    bytes_ = bytes;
    entries_ = entries;
    subs.emplace(name, std::move(wish));
    restored_.insert(name);
  }
  return subs;
}

bool Subscriptions::withhold(bool too_large) {
  if (restored_.empty()) return false;
  restored_.clear();
  if (too_large || entries_ == 0) {
    bytes_max_ = bytes_ / 2;
  } else {
    entries_max_ = entries_ / 2;
  }
  return true;
}

void Subscriptions::connected(const json::object* results, Output& out) {
  commands_.clear();
  last_id_ = 0;
  retry_delay_ = kRetryMin;
  for (auto& [name, channel] : channels_) channel.requested = channel.retried = false;

  for (const auto& [key, value] : results ? *results : json::object()) {
    const json::object* result = value.if_object();
    if (!result) continue;
    const std::string name(key);
    const bool unwanted = restored_.contains(name) && !channels_.contains(name);
    if (!unwanted) {
      answer(name, *result, out);
    } else if (!object_field(*result, "error")) {
      send("unsubscribe", {{"channel", name}}, out);
    }
  }
  for (auto* entry : in_order()) {
    auto& [name, channel] = *entry;
    if (channel.wished && !channel.requested && !restored_.contains(name)) enqueue(name, channel);
  }
  ask_on(out);
}

void Subscriptions::lost() {
  for (const std::string& name : queue_) channels_[name].queued = false;
  queue_.clear();
  later_.clear();
  due_.reset();
  paused_ = false;
}

void Subscriptions::tick(Output& out) {
  if (!due_ || *due_ > now_) return;
  due_.reset();
  paused_ = false;
  for (const std::string& name : std::exchange(later_, {})) enqueue(name, channels_[name]);
  ask_on(out);
}

void Subscriptions::subscribe(const std::string& name, bool on_live_socket, Output& out) {
  const bool known = channels_.contains(name);
  Channel& channel = know(name, /*wished=*/true);
  if (!known && on_live_socket) want(name, channel, out);
}

void Subscriptions::unsubscribe(const std::string& name, bool on_live_socket, Output& out) {
  const auto found = channels_.find(name);
  if (found == channels_.end()) return;
  const bool requested = found->second.requested;
  forget(name);
  if (on_live_socket && requested) send("unsubscribe", {{"channel", name}}, out);
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
  ask_on(out);
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
  channel.requested = false;
  retry(out);
}

void Subscriptions::retry(Output& out) {
  for (auto* entry : in_order()) {
    auto& [name, channel] = *entry;
    if (channel.wished && !channel.requested) enqueue(name, channel);
  }
  later_.clear();
  if (!paused_) due_.reset();
  ask_on(out);
}

// `result` is a subscribe result, or has an `error`.
void Subscriptions::answer(const std::string& name, const json::object& result, Output& out) {
  if (!channels_.contains(name) && !has_room()) return;
  Channel& channel = know(name, /*wished=*/false);
  if (const json::object* error = object_field(result, "error"))
    return failed(name, channel, *error, out);
  channel.requested = true;
  retry_delay_ = kRetryMin;
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
  channel.requested = false;
  if (number_field(error, "code") == kUnrecoverable && !channel.retried) {
    channel.retried = true;
    channel.epoch.reset();
    channel.offset.reset();
    return want(name, channel, out);
  }
  if (!is_temporary(error)) return refused(name, error, out);
  if (channel.wished) put_off(name, error);
}

void Subscriptions::put_off(const std::string& name, const json::object& error) {
  later_.push_back(name);
  if (number_field(error, "code") == kTooManyRequests) paused_ = true;
  if (due_) return;
  due_ = now_ + retry_delay_;
  retry_delay_ = std::min(2 * retry_delay_, kRetryMax);
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
  if (found->second.queued) std::erase(queue_, name);
  std::erase(later_, name);
  if (found->second.wished) --wished_count_;
  channels_.erase(found);
}

void Subscriptions::want(const std::string& name, Channel& channel, Output& out) {
  enqueue(name, channel);
  ask_on(out);
}

void Subscriptions::enqueue(const std::string& name, Channel& channel) {
  if (std::exchange(channel.queued, true)) return;
  queue_.push_back(name);
}

// Asks for what is queued, as far as may be.
void Subscriptions::ask_on(Output& out) {
  while (!queue_.empty() && !paused_ && commands_.size() < kUnderWayMax) {
    const std::string name = std::move(queue_.front());
    queue_.pop_front();
    Channel& channel = channels_[name];
    channel.queued = false;
    if (!channel.requested) ask(name, channel, out);
  }
}

void Subscriptions::ask(const std::string& name, Channel& channel, Output& out) {
  channel.requested = true;
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
