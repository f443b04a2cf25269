// Durations as text: "500ms", "30s", "5m", "24h", "7d".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace usher {

// Parses a whole number followed by one unit of ms, s, m, h, d; no sign, no space, at most 100
// years. Returns `nullopt` for any other text.
std::optional<Duration> parse_duration(std::string_view text);

// Uses the largest unit that leaves no remainder: 90 s is "90s", 120 s is "2m". Fractions of a
// millisecond are dropped.
std::string format_duration(Duration duration);

}  // namespace usher
