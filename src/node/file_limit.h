// How many descriptors this process may have open.
#pragma once

#include <cstdint>

namespace usher::node {

// Raises the soft limit to the hard one. Returns the limit that holds now.
std::uint64_t raise_file_limit();

}  // namespace usher::node
