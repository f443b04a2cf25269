// The known name that a mistyped one was probably meant to be.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace usher::config {

// How many letters must be inserted, removed, changed or swapped with their neighbour to make one
// of the other (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Nothing when none is near. A name without its section ("ping_interval") is near to its full one.
std::optional<std::string_view> nearest_key(std::string_view name,
                                            std::span<const std::string_view> known);

}  // namespace usher::config
