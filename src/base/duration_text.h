// Durations as people write them: "500ms", "30s", "5m", "24h", "7d".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace usher {

// A whole number and one unit of ms, s, m, h, d; no sign, no space, at most 100 years. Nothing for
// anything else.
std::optional<Duration> parse_duration(std::string_view text);

// In the largest unit that leaves no rest: 90 s is "90s", 120 s is "2m". Below a millisecond is
// cut.
std::string format_duration(Duration duration);

}  // namespace usher
