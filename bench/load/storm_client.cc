#include "bench/load/storm_client.h"

#include <algorithm>
#include <charconv>

#include "bench/load/fanout_message.h"
#include "wire/json_text.h"

namespace usher::bench {
namespace {

constexpr double kTwoTo64 = 18446744073709551616.0;

std::uint64_t offset_in(std::string_view push) {
  constexpr std::string_view kName = "\"offset\":";
  const auto at = push.rfind(kName);
  std::uint64_t offset = 0;
  if (at != std::string_view::npos) {
    const char* const first = push.data() + at + kName.size();
    std::from_chars(first, push.data() + push.size(), offset);
  }
  return offset;
}

}  // namespace

std::optional<StormPosition> read_position(wire::JsonReader& json, std::string_view connect_push,
                                           std::string_view channel) {
  const auto root = json.parse(connect_push, {.open_levels = 5});
  if (!root) return std::nullopt;
  const wire::JsonNode connect = root->find("push").find("connect");
  const wire::JsonNode sub = connect.find("subs").find(channel);
  if (!sub || sub.find("error")) return std::nullopt;
  StormPosition position;
  position.epoch = sub.find("epoch").string().value_or("");
  position.offset = sub.find("offset").unsigned_integer().value_or(0);
  position.spread_ms = connect.find("reconnect_spread_ms").number().value_or(0);
  position.recoverable = sub.find("recoverable").boolean().value_or(false);
  position.was_recovering = sub.find("was_recovering").boolean().value_or(false);
  position.recovered = sub.find("recovered").boolean().value_or(false);
  position.publications = sub.find("publications").raw();
  return position;
}

client::GivenDelay read_given_delay(wire::JsonReader& json, std::string_view problem) {
  const auto root = json.parse(problem);
  if (!root) return client::kNoDelay;
  return {.ms = std::max(root->find("retry_after_ms").number().value_or(0), 0.0),
          .place = root->find("place").boolean().value_or(false)};
}

std::string make_wish(std::string_view channel, const StormPosition& position) {
  std::string wish = "{\"subs\":{";
  wire::append_json_string(wish, channel);
  wish += ":{";
  if (position.recoverable) {
    wish.append("\"recover\":true,\"epoch\":");
    wire::append_json_string(wish, position.epoch);
    wish.append(",\"offset\":").append(std::to_string(position.offset));
  }
  return wish + "}}}";
}

StormClient::StormClient(const Setting& setting, std::string_view channel, wire::JsonReader& json,
                         StormWatch& watch, std::size_t index)
    : setting_(setting),
      channel_(channel),
      json_(json),
      watch_(watch),
      index_(index),
      client_(setting, *this),
      policy_([&numbers = setting.numbers] {
        return std::min(static_cast<double>(numbers.next()) / kTwoTo64, 1 - 1e-9);
      }) {}

void StormClient::enter() {
  watch_.on_asked();
  client_.enter(index_, make_wish(channel_, position_));
}

void StormClient::enter_after(client::GivenDelay given) {
  const TimePoint now = setting_.loop.now();
  const bool was_stable = in_since_ != TimePoint() && now - in_since_ >= kStableAfter;
  if (was_stable) policy_.stable();
  in_since_ = {};
  const auto delay = policy_.failed(given, was_stable ? position_.spread_ms : 0);
  setting_.loop.at(now + delay, [this] { enter(); });
}

void StormClient::take_messages(std::string_view text) {
  constexpr std::string_view kMark = "\"#";
  for (auto at = text.find(kMark); at < text.size(); at = text.find(kMark, at + kMark.size())) {
    const auto number = read_message_number(text.substr(at));
    if (!number) continue;
    if (*number >= received_.size()) received_.resize(*number + 1);
    received_[*number] = true;
  }
}

void StormClient::on_in(Client&, std::string_view first) {
  const auto position = read_position(json_, first, channel_);
  if (!position) {
    return watch_.on_trouble("a client is in, but not subscribed: " +
                             std::string(first.substr(0, 400)));
  }
  position_ = *position;
  in_since_ = setting_.loop.now();
  if (position_.was_recovering && !position_.recovered) told_of_a_gap_ = true;
  take_messages(position_.publications);
  watch_.on_in(*this);
}

void StormClient::on_message(Client&, std::string_view payload) {
  if (const std::uint64_t offset = offset_in(payload); offset > 0) position_.offset = offset;
  take_messages(payload);
}

void StormClient::on_out(Client& client, std::uint16_t, std::string_view) {
  if (client.was_in()) watch_.on_lost(*this);
  enter_after(client::kNoDelay);
}

void StormClient::on_no_ticket(Client&, const HttpAnswer& answer) {
  if (answer.status == 0) return enter_after(client::kNoDelay);
  if (answer.status >= 400 && answer.status < 500 && answer.status != 429) {
    return watch_.on_trouble("POST /auth/ticket: " + std::to_string(answer.status) + " " +
                             std::string(answer.body.substr(0, 200)));
  }
  watch_.on_refused();
  enter_after(read_given_delay(json_, answer.body));
}

}  // namespace usher::bench
