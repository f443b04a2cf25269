#include "scenarios/random_scenario.h"

#include <algorithm>
#include <utility>

#include "client/client_session.h"
#include "scenarios/random_desk.h"
#include "scenarios/random_inputs.h"

namespace usher::scenarios {

namespace {

using client::Instant;
using client::Millis;

class Recorder : RandomInputs {
 public:
  Recorder(std::uint32_t seed, std::string url, bool raw)
      : RandomInputs(seed),
        raw_(raw),
        cookies_(one_in(4)),
        url_(std::move(url)),
        session_({.url = url_, .raw = raw, .has_token = !cookies_}, [this] {
          const double r = static_cast<double>(below(1000)) / 1000;
          random_.emplace_back(r);
          return r;
        }) {}

  json::value record(int steps) {
    for (int i = 0; i < steps; ++i) step();
    json::object options{{"url", url_}, {"credentials", cookies_}};
    if (raw_) options.emplace("raw", true);
    return json::object{{"options", options}, {"random", random_}, {"steps", steps_}};
  }

 private:
  enum class Stage { token, ticket, socket };

  void step() {
    const auto due = session_.timer();
    const Millis pause(one_in(3) ? below(9000) : below(60));
    json::object step = next_step(now_, due, pause, 12, [this] { return any_input(); });
    const client::Input given = read_input(step.at("in"));
    token_given |= std::holds_alternative<client::TokenReady>(given);
    ticket_given |= std::holds_alternative<client::TicketReady>(given);
    const client::Output output = session_.handle(given, now_);
    if (!output.status.empty()) {
      json::array& list = step["status"].emplace_array();
      for (const auto status : output.status) list.emplace_back(client::to_string(status));
    }
    json::array& log = step["log"].emplace_array();
    for (const auto& line : output.log) log.emplace_back(line.text);
    json::array& stages = step["stage"].emplace_array();
    for (const auto& change : output.stages) stages.push_back(to_json(change));
    if (!output.effects.empty()) {
      json::array& list = step["do"].emplace_array();
      for (const auto& effect : output.effects) {
        list.push_back(to_json(effect));
        note_stage(effect);
      }
    }
    if (!output.events.empty()) {
      json::array& list = step["event"].emplace_array();
      for (const auto& event : output.events) list.push_back(to_json(event));
    }
    steps_.push_back(std::move(step));
  }

  void note_stage(const client::Effect& effect) {
    if (const auto* fetch = std::get_if<client::FetchToken>(&effect)) {
      attempt_ = fetch->attempt;
      stage_ = Stage::token;
    }
    if (const auto* fetch = std::get_if<client::FetchTicket>(&effect)) {
      attempt_ = fetch->attempt;
      stage_ = Stage::ticket;
    }
    if (std::holds_alternative<client::OpenSocket>(effect)) stage_ = Stage::socket;
    const auto* sent = std::get_if<client::Send>(&effect);
    if (sent != nullptr && sent->data.contains("refresh")) {
      refresh_id_ = sent->data.at("id").to_number<std::uint64_t>();
      stage_ = Stage::socket;
    }
  }

  // Mostly an input that brings the client forward, otherwise any.
  json::object any_input() {
    if (one_in(2)) return random_input();
    switch (session_.status()) {
      case client::Status::disconnected:
        return input("connect", {});
      case client::Status::connected:
        return one_in(2) ? any_frame(attempt_) : refreshing();
      case client::Status::connecting:
      case client::Status::reconnecting:
        break;
    }
    switch (stage_) {
      case Stage::token:
        return token(attempt_);
      case Stage::ticket:
        return ticket(attempt_, 30);
      case Stage::socket:
        if (raw_) return socket_open(attempt_);
        return input("frame",
                     {{"attempt", attempt_}, {"data", {{"push", {{"connect", connect_push()}}}}}});
    }
    return random_input();
  }

  // What a refresh waits for, if there is one.
  json::object refreshing() {
    switch (stage_) {
      case Stage::token:
        return one_in(6) ? input("token_failed", failure(attempt_)) : token(attempt_);
      case Stage::ticket:
        return one_in(6) ? input("ticket_failed", failure(attempt_)) : ticket(attempt_, 30);
      case Stage::socket:
        break;
    }
    return any_frame(attempt_);
  }

  json::object random_input() {
    const client::Attempt attempt = one_in(12) ? below(attempt_ + 2) : attempt_;
    const json::object nothing;
    switch (below(27)) {
      case 26:
        return input("refresh", nothing);
      case 0:
        return input("disconnect", nothing);
      case 1:
        return input(one_in(3) ? "probe" : one_in(2) ? "online" : "visible", nothing);
      case 2:
        return input(one_in(3) ? "offline" : "hidden", nothing);
      case 3:
      case 4:
        return input("connect", nothing);
      case 5:
        return input("subscribe", {{"channel", any(kChannels)}});
      case 6:
        return input("unsubscribe", {{"channel", any(kChannels)}});
      case 7:
        return input("publish", {{"channel", any(kChannels)}, {"data", {{"n", 1}}}});
      case 8:
      case 9:
      case 10:
        return token(attempt);
      case 11:
        return input("token_failed", failure(attempt));
      case 12:
      case 13:
      case 14:
        return ticket(attempt, one_in(9) ? 1 : 30);
      case 15:
        return input("ticket_failed", failure(attempt));
      case 16:
        return socket_open(attempt);
      case 17:
        return socket_closed(attempt);
      default:
        return any_frame(attempt);
    }
  }

  // A raw session gets no frames.
  json::object any_frame(client::Attempt attempt) {
    if (raw_) return one_in(8) ? socket_closed(attempt) : socket_open(attempt);
    return input("frame", {{"attempt", attempt}, {"data", frame()}});
  }

  json::object frame() {
    switch (below(10)) {
      case 8:
        return {{"push", {{"refresh", life()}}}};
      case 9:
        // Most often the answer to the last command.
        return {{"id", one_in(4) ? below(6) : refresh_id_}, {"refresh", life()}};
      case 0:
        return {};
      case 1:
      case 2:
        return {{"push", {{"connect", connect_push()}}}};
      case 3:
        return {{"push", {{"channel", any(kChannels)}, {"pub", publication()}}}};
      case 4:
        return {
            {"push",
             {{"channel", any(kChannels)}, {one_in(2) ? "subscribe" : "unsubscribe", result()}}}};
      case 5:
        return {{"id", below(6)}, {"subscribe", result()}};
      case 6:
        return {{"id", one_in(2) ? below(6) : refresh_id_}, {"error", error()}};
      default:
        if (one_in(2))
          return {
              {"push", {{"disconnect", {{"retry_after_ms", below(9000)}, {"place", one_in(2)}}}}}};
        return {{"push", json::array()}, {"id", "x"}};
    }
  }

  json::object connect_push() {
    json::object push{{"client", "c"}};
    static constexpr double kPings[] = {0, 1e-9, 0.5, 2147483648, 1e300, -25};
    if (one_in(5)) {
      push.emplace("ping", kPings[below(std::size(kPings))]);
    } else if (!one_in(3)) {
      push.emplace("ping", 25);
    }
    if (!one_in(3)) push.emplace("pong", true);
    if (one_in(4)) push.emplace("reconnect_spread_ms", below(8000));
    if (!one_in(3)) add_life(push);
    if (one_in(4)) return push;
    json::object& subs = push["subs"].emplace_object();
    for (const char* channel : kChannels) {
      if (one_in(2)) continue;
      subs.emplace(channel, one_in(4) ? json::object{{"error", error()}} : result());
    }
    return push;
  }

  // The end of the credential.
  void add_life(json::object& push) {
    static constexpr double kTtls[] = {-1, 0, 0.5, 1e300};
    push.emplace("expires", !one_in(6));
    if (one_in(8)) {
      push.emplace("ttl", kTtls[below(std::size(kTtls))]);
    } else {
      push.emplace("ttl", below(one_in(3) ? 4000 : 40));
    }
  }

  json::object life() {
    json::object object;
    add_life(object);
    return object;
  }

  json::object result() {
    static const char* const epochs[] = {"e1", "e2"};
    json::object result;
    if (one_in(8)) result.emplace("pending", true);
    if (!one_in(3)) {
      result.emplace("recoverable", !one_in(6));
      result.emplace("epoch", any(epochs));
      result.emplace("offset", below(9));
    }
    if (one_in(3)) result.emplace("recovered", one_in(2));
    if (one_in(3)) {
      json::array& missed = result["publications"].emplace_array();
      for (std::uint64_t i = below(3); i > 0; --i) missed.push_back(publication());
    }
    if (one_in(4)) result.emplace("code", 2100);
    return result;
  }

  json::object publication() {
    json::object pub{{"data", below(5)}};
    if (!one_in(3)) pub.emplace("offset", below(12));
    return pub;
  }

  json::object error() {
    static constexpr int kCodes[] = {100, 103, 109, 111, 112, 112};
    json::object error{{"code", kCodes[below(std::size(kCodes))]}};
    if (one_in(3)) error.emplace("temporary", one_in(2));
    return error;
  }

  static constexpr const char* kChannels[] = {"news:1", "session:s1", "data", "", "\xC3\xBC:1"};

  const bool raw_;
  const bool cookies_;
  const std::string url_;
  json::array random_, steps_;
  client::ClientSession session_;
  Instant now_{};
  client::Attempt attempt_ = 0;
  Stage stage_ = Stage::token;    // that was entered last
  std::uint64_t refresh_id_ = 0;  // of the last `refresh` command
};

json::value record(std::uint32_t seed, int steps) {
  if (seed % 4 == 1) return Recorder(seed, "https://gw.example/board?room=7", true).record(steps);
  if (seed % 4 == 2) return record_random_desk(seed, steps);
  const char* url = seed % 16 == 0 ? "http://localhost:8080/gw/" : "https://gw.example";
  return Recorder(seed, url, false).record(steps);
}

}  // namespace

json::value record_random_scenario(std::uint32_t seed, int steps) {
  json::value scenario = record(seed, steps);
  scenario.get_object().emplace("name", "random scenario " + std::to_string(seed));
  return scenario;
}

}  // namespace usher::scenarios
