// Finds the id of a damaged command, so that the error reply can name it.
//
// Threads: none. A plain function.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::wire {

// Returns the value of the only member `"id"` of the object that `line` seems to be, wherever the
// rest is broken; 0 if no id or more than one can be read. For the reply only: nothing else in such
// a line is trusted.
std::uint32_t find_command_id(std::string_view line);

}  // namespace usher::wire
