// Finds the known name that a mistyped name was probably meant to be.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace usher::config {

// Returns how many letters must be inserted, removed, changed or swapped with their neighbour to
// turn `a` into `b` (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Returns nullopt if no known name is near. A name without its section ("ping_interval") is near
// the full name.
std::optional<std::string_view> nearest_key(std::string_view name,
                                            std::span<const std::string_view> known);

}  // namespace usher::config
