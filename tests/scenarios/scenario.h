// A scenario file, read and checked. A malformed file is a failure of its own, never a scenario
// that passes because nothing was compared.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/scenario_json.h"

namespace usher::scenarios {

// Of a client's session, or of a desk; or nothing.
using AnyInput = std::variant<std::monostate, client::Input, client::DeskInput>;

struct Step {
  client::Instant at;
  AnyInput in;
  std::string name;   // of the input, for messages
  bool late = false;  // this tick may find timers overdue: the page was suspended
  json::array status;
  json::array effects;
  json::array events;
  std::optional<json::array> log;    // compared only where present
  std::optional<json::array> stage;  // compared only where present
  std::optional<AnyInput> on_event;
};

struct Scenario {
  std::string name;
  bool desk = false;  // of a TicketDesk, not of a ClientSession
  bool raw = false;
  bool credentials = false;  // cookies alone: there is no token
  std::string url;
  std::vector<double> random;
  std::vector<Step> steps;
  std::vector<std::string> secrets;  // every token and ticket that occurs in it
};

// Returns the `name` of a scenario file; nullopt if it has none.
std::optional<std::string> scenario_name(const json::value& file);

// Throws BadScenario.
Scenario read_scenario(const json::value& file);

}  // namespace usher::scenarios
