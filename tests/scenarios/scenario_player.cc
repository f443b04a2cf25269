#include "scenarios/scenario_player.h"

#include <algorithm>
#include <cmath>

#include <boost/json/serialize.hpp>

#include "client/client_session.h"
#include "client/ticket_desk.h"

namespace usher::scenarios {

namespace {

struct Difference {
  std::string text;
};

// The outputs of one step as JSON, those of its listener's call included.
struct Seen {
  json::array log, stages, effects, status, events;

  void add(const client::Output& output) {
    for (const auto& line : output.log) log.emplace_back(line.text);
    for (const auto& change : output.stages) stages.push_back(to_json(change));
    for (const auto& effect : output.effects) effects.push_back(to_json(effect));
    for (const auto status_now : output.status) status.emplace_back(client::to_string(status_now));
    for (const auto& event : output.events) events.push_back(to_json(event));
  }

  void add(const client::DeskOutput& output) {
    for (const auto& line : output.log) log.emplace_back(line.text);
    for (const auto& effect : output.effects) effects.push_back(to_json(effect));
    for (const auto& event : output.events) events.push_back(to_json(event));
  }
};

// Sorted keys, and 2.0 written as 2, so that values which are equal in JSON have equal texts.
json::value canonical(const json::value& value) {
  if (const json::object* object = value.if_object()) {
    std::vector<std::pair<std::string_view, const json::value*>> members;
    for (const auto& member : *object) members.emplace_back(member.key(), &member.value());
    std::ranges::sort(members);
    json::object sorted;
    for (const auto& [key, inner] : members) sorted.emplace(key, canonical(*inner));
    return sorted;
  }
  if (const json::array* array = value.if_array()) {
    json::array list;
    for (const json::value& inner : *array) list.push_back(canonical(inner));
    return list;
  }
  if (value.is_double()) {
    const double number = value.get_double();
    if (std::abs(number) < 9e15 && number == std::floor(number))
      return static_cast<std::int64_t>(number);
  }
  return value;
}

std::string item_text(const json::array& list, std::size_t index) {
  return index < list.size() ? json::serialize(canonical(list[index])) : "nothing";
}

void compare(std::string_view kind, const json::array& expected, const json::array& actual) {
  for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
    const std::string wanted = item_text(expected, i);
    const std::string got = item_text(actual, i);
    if (wanted == got) continue;
    throw Difference{std::string(kind) + "[" + std::to_string(i) + "]: expected " + wanted +
                     ", got " + got};
  }
}

bool holds(const json::value& value, std::string_view secret) {
  if (const json::string* text = value.if_string()) {
    return std::string_view(*text).find(secret) != std::string_view::npos;
  }
  if (const json::array* list = value.if_array()) {
    return std::ranges::any_of(*list,
                               [&](const json::value& inner) { return holds(inner, secret); });
  }
  if (const json::object* object = value.if_object()) {
    return std::ranges::any_of(*object, [&](const auto& member) {
      return std::string_view(member.key()).find(secret) != std::string_view::npos ||
             holds(member.value(), secret);
    });
  }
  return false;
}

class Player {
 public:
  explicit Player(const Scenario& scenario)
      : scenario_(scenario),
        session_({.url = scenario.url, .raw = scenario.raw, .has_token = !scenario.credentials},
                 [this] { return draw(); }),
        desk_(!scenario.credentials, [this] { return draw(); }) {}

  void run() {
    std::size_t number = 0;
    for (const Step& step : scenario_.steps) {
      try {
        play_step(step);
      } catch (const Difference& difference) {
        throw Difference{"step " + std::to_string(++number) + " at " +
                         std::to_string(step.at.time_since_epoch().count()) + " (" + step.name +
                         "): " + difference.text};
      }
      ++number;
    }
    if (drawn_ < scenario_.random.size()) {
      throw Difference{"random: " + std::to_string(scenario_.random.size() - drawn_) +
                       " left over"};
    }
  }

 private:
  double draw() {
    if (drawn_ < scenario_.random.size()) return scenario_.random[drawn_++];
    throw Difference{"random: more draws than the " + std::to_string(scenario_.random.size()) +
                     " given"};
  }

  std::optional<client::Instant> timer() const {
    return scenario_.desk ? desk_.timer() : session_.timer();
  }

  void hand_in(std::monostate, Seen&) {}
  void hand_in(const client::Input& input, Seen& seen) { seen.add(session_.handle(input, *now_)); }
  void hand_in(const client::DeskInput& input, Seen& seen) { seen.add(desk_.handle(input, *now_)); }
  void hand_in_any(const AnyInput& input, Seen& seen) {
    std::visit([&](const auto& one) { hand_in(one, seen); }, input);
  }

  void play_step(const Step& step) {
    if (now_ && step.at < *now_) throw Difference{"the clock goes back"};
    now_ = step.at;
    const auto due = timer();
    if (due && *due < step.at && !step.late) {
      throw Difference{"a timer was due at " + std::to_string(due->time_since_epoch().count()) +
                       " and no tick took it"};
    }
    Seen seen;
    hand_in_any(step.in, seen);
    if (step.on_event) {
      if (seen.events.empty() && seen.status.empty())
        throw Difference{"on_event, but nothing called the listener"};
      hand_in_any(*step.on_event, seen);
    }
    if (step.log) compare("log", *step.log, seen.log);
    if (step.stage) compare("stage", *step.stage, seen.stages);
    compare("do", step.effects, seen.effects);
    compare("status", step.status, seen.status);
    compare("event", step.events, seen.events);
    for (const std::string& secret : scenario_.secrets) {
      if (holds(seen.log, secret)) throw Difference{"log: holds a token or ticket"};
      if (holds(seen.stages, secret)) throw Difference{"stage: holds a token or ticket"};
      if (holds(seen.status, secret)) throw Difference{"status: holds a token or ticket"};
      if (holds(seen.events, secret)) throw Difference{"event: holds a token or ticket"};
    }
  }

  const Scenario& scenario_;
  std::size_t drawn_ = 0;
  std::optional<client::Instant> now_;
  client::ClientSession session_;  // one of the two is played to
  client::TicketDesk desk_;
};

}  // namespace

std::optional<std::string> play(const Scenario& scenario) {
  try {
    Player(scenario).run();
    return std::nullopt;
  } catch (const Difference& difference) {
    return difference.text;
  }
}

}  // namespace usher::scenarios
