// How many descriptors this process may have open.
#pragma once

#include <cstdint>

namespace usher::node {

// Raises the soft limit to the hard one. Returns what is allowed now.
std::uint64_t raise_file_limit();

}  // namespace usher::node
