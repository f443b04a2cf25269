#include "scenarios/random_desk.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "client/ticket_desk.h"
#include "scenarios/random_inputs.h"

namespace usher::scenarios {

namespace {

using client::Attempt;
using client::Instant;
using client::Millis;

class DeskRecorder : RandomInputs {
 public:
  explicit DeskRecorder(std::uint32_t seed)
      : RandomInputs(seed), cookies_(one_in(4)), desk_(!cookies_, [this] {
          const double r = static_cast<double>(below(1000)) / 1000;
          random_.emplace_back(r);
          return r;
        }) {}

  json::value record(int steps) {
    for (int i = 0; i < steps; ++i) step();
    const json::object options{{"desk", true}, {"credentials", cookies_}};
    return json::object{{"options", options}, {"random", random_}, {"steps", steps_}};
  }

 private:
  enum class Stage { waiting, token, ticket, socket, open };

  void step() {
    const auto due = desk_.timer();
    const Millis pause(one_in(4) ? below(9000) : below(40));
    json::object step = next_step(now_, due, pause, 9, [this] { return any_input(); });
    const client::DeskInput given = read_desk_input(step.at("in")).value();
    token_given |= std::holds_alternative<client::TokenReady>(given);
    ticket_given |= std::holds_alternative<client::TicketReady>(given);
    note(given);
    const client::DeskOutput output = desk_.handle(given, now_);
    json::array& log = step["log"].emplace_array();
    for (const auto& line : output.log) log.emplace_back(line.text);
    step["stage"].emplace_array();
    for (const auto& effect : output.effects) {
      if (!step.contains("do")) step["do"].emplace_array();
      step["do"].get_array().push_back(to_json(effect));
      note(effect);
    }
    for (const auto& event : output.events) {
      if (!step.contains("event")) step["event"].emplace_array();
      step["event"].get_array().push_back(to_json(event));
      note(event);
    }
    steps_.push_back(std::move(step));
  }

  // Where each attempt stands, so that most inputs are the ones that it waits for.
  void note(const client::DeskInput& input) {
    if (const auto* ask = std::get_if<client::Ask>(&input)) {
      asked_ = ask->attempt;
      stages_[asked_] = Stage::waiting;
    }
    if (const auto* leave = std::get_if<client::Leave>(&input)) stages_.erase(leave->attempt);
  }
  void note(const client::Effect& effect) {
    if (const auto* one = std::get_if<client::FetchToken>(&effect))
      stages_[one->attempt] = Stage::token;
    if (const auto* one = std::get_if<client::FetchTicket>(&effect))
      stages_[one->attempt] = Stage::ticket;
    if (const auto* one = std::get_if<client::OpenSocket>(&effect))
      stages_[one->attempt] = Stage::socket;
  }
  void note(const client::DeskEvent& event) {
    if (const auto* one = std::get_if<client::Opened>(&event)) stages_[one->attempt] = Stage::open;
    if (const auto* one = std::get_if<client::Ended>(&event)) stages_.erase(one->attempt);
  }

  json::object any_input() {
    if (stages_.size() < 4 && one_in(6)) return ask();
    if (desk_.failure() && one_in(4)) return input("reset", {});
    if (stages_.empty()) return ask();
    if (one_in(20)) return input_for(below(asked_ + 2), any_stage());
    auto chosen = stages_.begin();
    std::advance(chosen, below(stages_.size()));
    return input_for(chosen->first, one_in(15) ? any_stage() : chosen->second);
  }

  Stage any_stage() { return static_cast<Stage>(below(5)); }

  json::object ask() {
    static const char* const urls[] = {"https://gw.example/board", "wss://gw.example/a/?room=7"};
    return input("ask", {{"attempt", asked_ + 1 + below(2)}, {"url", any(urls)}});
  }

  json::object input_for(Attempt attempt, Stage stage) {
    if (one_in(25)) return input("leave", {{"attempt", attempt}});
    switch (stage) {
      case Stage::waiting:
        return input(one_in(9) ? "reset" : "tick", {});
      case Stage::token:
        return one_in(7) ? input("token_failed", failure(attempt)) : token(attempt);
      case Stage::ticket:
        return one_in(7) ? input("ticket_failed", failure(attempt))
                         : ticket(attempt, one_in(9) ? 1 : 30);
      case Stage::socket:
        return one_in(4) ? socket_closed(attempt) : socket_open(attempt);
      case Stage::open:
        return one_in(3) ? socket_closed(attempt) : input("tick", {});
    }
    return {};
  }

  const bool cookies_;
  json::array random_, steps_;
  client::TicketDesk desk_;
  Instant now_{};
  Attempt asked_ = 0;
  std::map<Attempt, Stage> stages_;
};

}  // namespace

json::value record_random_desk(std::uint32_t seed, int steps) {
  return DeskRecorder(seed).record(steps);
}

}  // namespace usher::scenarios
