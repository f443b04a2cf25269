// Finds out which command a damaged line was, so that the error can name it.
//
// Threads: none. A plain function.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::wire {

// The value of the one member `"id"` of the object that `line` seems to be, wherever the rest is
// broken; 0 if none can be read, or two. For answering only: nothing else in such a line is
// believed.
std::uint32_t find_command_id(std::string_view line);

}  // namespace usher::wire
