// Plays one scenario to a ClientSession or TicketDesk, and finds the first difference.
#pragma once

#include <optional>
#include <string>

#include "scenarios/scenario.h"

namespace usher::scenarios {

// Returns nullopt if it did exactly what the scenario says, and the first difference in
// words otherwise.
std::optional<std::string> play(const Scenario& scenario);

}  // namespace usher::scenarios
