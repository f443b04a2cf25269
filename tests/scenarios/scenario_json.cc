#include "scenarios/scenario_json.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "client/json_fields.h"

namespace usher::scenarios {

namespace {

using client::Attempt;
using client::Millis;

std::string text(const json::object& fields, std::string_view name) {
  return std::string(client::string_field(fields, name).value_or(""));
}

Attempt attempt(const json::object& fields) {
  return client::whole_field(fields, "attempt").value_or(0);
}

bool flag(const json::object& fields, std::string_view name) {
  return client::bool_field(fields, name).value_or(false);
}

json::value any(const json::object& fields, std::string_view name) {
  const json::value* value = fields.if_contains(name);
  return value ? *value : json::value();
}

client::HttpFailure failure(const json::object& fields) {
  client::HttpFailure failure;
  const auto status = client::number_field(fields, "status");
  if (status && !flag(fields, "network")) failure.status = static_cast<int>(*status);
  failure.code = text(fields, "code");
  if (const auto raw = client::string_field(fields, "retry_after"))
    failure.retry_after = std::string(*raw);
  if (const auto number = client::whole_field(fields, "retry_after"))
    failure.retry_after = std::to_string(*number);
  failure.retry_after_ms = client::number_field(fields, "retry_after_ms");
  failure.place = flag(fields, "place");
  return failure;
}

client::Input token(const json::object& fields) {
  return client::TokenReady{attempt(fields), text(fields, "token"), flag(fields, "cached")};
}

client::Input ticket(const json::object& fields) {
  client::TicketReady ready{attempt(fields), text(fields, "ticket"), {}};
  if (const auto seconds = client::number_field(fields, "expires_in")) {
    constexpr double kMillisMax = 9e15;
    ready.expires_in = Millis(static_cast<std::int64_t>(
        std::floor(std::clamp(*seconds * 1000, -kMillisMax, kMillisMax))));
  }
  return ready;
}

client::Input socket_closed(const json::object& fields) {
  const auto code = client::whole_field(fields, "code").value_or(1006);
  return client::SocketClosed{attempt(fields), static_cast<std::uint16_t>(code),
                              text(fields, "reason"), flag(fields, "clean")};
}

using Reader = std::function<client::Input(const json::object&)>;

const std::unordered_map<std::string_view, Reader>& readers() {
  static const std::unordered_map<std::string_view, Reader> table{
      {"connect", [](const auto&) { return client::Connect{}; }},
      {"disconnect", [](const auto&) { return client::Disconnect{}; }},
      {"subscribe", [](const auto& f) { return client::Subscribe{text(f, "channel")}; }},
      {"unsubscribe", [](const auto& f) { return client::Unsubscribe{text(f, "channel")}; }},
      {"publish",
       [](const auto& f) {
         return client::Publish{text(f, "channel"), any(f, "data")};
       }},
      {"refresh", [](const auto&) { return client::RefreshNow{}; }},
      {"token", token},
      {"token_failed",
       [](const auto& f) {
         return client::TokenFailed{attempt(f), failure(f)};
       }},
      {"ticket", ticket},
      {"ticket_failed",
       [](const auto& f) {
         return client::TicketFailed{attempt(f), failure(f)};
       }},
      {"socket_open",
       [](const auto& f) {
         return client::SocketOpen{attempt(f), text(f, "protocol")};
       }},
      {"frame",
       [](const auto& f) {
         return client::Frame{attempt(f), any(f, "data")};
       }},
      {"socket_closed", socket_closed},
      {"online", [](const auto&) { return client::Online{}; }},
      {"offline", [](const auto&) { return client::Offline{}; }},
      {"hidden", [](const auto&) { return client::Hidden{}; }},
      {"visible", [](const auto&) { return client::Visible{}; }},
      {"probe", [](const auto&) { return client::Probe{}; }},
      {"tick", [](const auto&) { return client::Tick{}; }},
  };
  return table;
}

json::value one_key(std::string_view name, json::object fields) {
  json::object object;
  object.emplace(name, std::move(fields));
  return object;
}

json::value effect_json(const client::FetchToken& effect) {
  json::object fields{{"attempt", effect.attempt}, {"fresh", effect.fresh}};
  if (effect.renew) fields.emplace("renew", true);
  return one_key("fetch_token", std::move(fields));
}
json::value effect_json(const client::FetchTicket& effect) {
  json::object fields{{"attempt", effect.attempt}};
  if (!effect.token.empty()) fields.emplace("token", effect.token);
  if (!effect.subs.empty()) fields.emplace("subs", effect.subs);
  return one_key("fetch_ticket", std::move(fields));
}
json::value effect_json(const client::OpenSocket& effect) {
  return one_key("open_socket", {{"attempt", effect.attempt}, {"url", effect.url}});
}
json::value effect_json(const client::Send& effect) {
  return one_key("send", {{"data", effect.data}});
}
json::value effect_json(const client::CloseSocket& effect) {
  return one_key("close_socket", {{"attempt", effect.attempt}, {"code", effect.code}});
}
json::value effect_json(const client::Abort& effect) {
  return one_key("abort", {{"attempt", effect.attempt}});
}
json::value effect_json(const client::AbortRefresh& effect) {
  return one_key("abort_refresh", {{"attempt", effect.attempt}});
}

json::value event_json(const client::Publication& event) {
  json::object fields{{"channel", event.channel}, {"data", event.data}};
  if (event.offset) fields.emplace("offset", *event.offset);
  return one_key("publication", std::move(fields));
}
json::value event_json(const client::Subscribed& event) {
  return one_key("subscribed", {{"channel", event.channel}, {"recovered", event.recovered}});
}
json::value event_json(const client::SubscriptionFailed& event) {
  return one_key("subscription_failed", {{"channel", event.channel}, {"code", event.code}});
}
json::object failed_fields(const client::Failed& failed) {
  json::object fields;
  if (failed.status) fields.emplace("status", *failed.status);
  if (failed.code) fields.emplace("code", *failed.code);
  fields.emplace("reason", failed.reason);
  return fields;
}
json::value event_json(const client::Failed& event) {
  return one_key("failed", failed_fields(event));
}

json::value event_json(const client::Opened& event) {
  return one_key("opened", {{"attempt", event.attempt}});
}
json::value event_json(const client::Ended& event) {
  json::object fields = failed_fields(event.why);
  fields.emplace("attempt", event.attempt);
  fields.emplace("hard", event.hard);
  return one_key("ended", std::move(fields));
}

// Returns the one member of an input. Throws BadScenario.
std::pair<std::string_view, const json::object&> one_member(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object || object->size() != 1)
    throw BadScenario("an input must be an object with exactly one key");
  const auto& [name, fields] = *object->begin();
  if (!fields.is_object()) throw BadScenario("\"" + std::string(name) + "\" is not an object");
  return {name, fields.get_object()};
}

// The inputs of a session that are the desk's, too. A desk knows no platform.
template <class In>
std::optional<client::DeskInput> to_desk_input(In in) {
  if constexpr (std::is_constructible_v<client::DeskInput, In>) {
    return in;
  } else if constexpr (std::is_same_v<In, client::Online> || std::is_same_v<In, client::Offline> ||
                       std::is_same_v<In, client::Hidden> || std::is_same_v<In, client::Visible> ||
                       std::is_same_v<In, client::Probe>) {
    return std::nullopt;
  } else {
    throw BadScenario("an input of a client, not of a desk");
  }
}

}  // namespace

client::Input read_input(const json::value& value) {
  const auto [name, fields] = one_member(value);
  const auto reader = readers().find(name);
  if (reader == readers().end()) throw BadScenario("unknown input \"" + std::string(name) + "\"");
  return reader->second(fields);
}

std::optional<client::DeskInput> read_desk_input(const json::value& value) {
  const auto [name, fields] = one_member(value);
  if (name == "ask") return client::Ask{attempt(fields), text(fields, "url")};
  if (name == "leave") return client::Leave{attempt(fields)};
  if (name == "reset") return client::Reset{};
  return std::visit([](auto in) { return to_desk_input(std::move(in)); }, read_input(value));
}

json::value to_json(const client::Effect& effect) {
  return std::visit([](const auto& one) { return effect_json(one); }, effect);
}

json::value to_json(const client::Event& event) {
  return std::visit([](const auto& one) { return event_json(one); }, event);
}

json::value to_json(const client::DeskEvent& event) {
  return std::visit([](const auto& one) { return event_json(one); }, event);
}

json::value to_json(const client::StageChange& change) {
  json::object fields{{"stage", client::to_string(change.stage)}, {"attempt", change.attempt}};
  if (change.delay) fields.emplace("delay", change.delay->count());
  if (change.failure) fields.emplace("failure", failed_fields(*change.failure));
  return fields;
}

}  // namespace usher::scenarios
