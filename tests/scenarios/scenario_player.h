// Holds a ClientSession to one scenario, and says where it first differs.
#pragma once

#include <optional>
#include <string>

#include "scenarios/scenario.h"

namespace usher::scenarios {

// Nothing if the session did exactly what the scenario says, otherwise the first difference in
// words.
std::optional<std::string> play(const Scenario& scenario);

}  // namespace usher::scenarios
