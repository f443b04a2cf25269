// How many different things several nodes saw between them, without sending all of them.
//
// A sketch holds the smallest kSketchMax of the hashes that it was given (k minimum values:
// Bar-Yossef et al. 2002). While there are fewer, the count is exact; beyond, it is told from how
// densely the smallest lie, within 1 % or so.
//
// Threads: none. Plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace usher::redis {

inline constexpr std::size_t kSketchMax = 16'384;  // hashes: 128 KiB

// Sorts, and keeps the smallest, each once. The hashes must be spread evenly over 64 bits.
void make_sketch(std::vector<std::uint64_t>& hashes);

// The sketch of all that either saw. Both must be sketches.
void merge_sketch(std::vector<std::uint64_t>& sketch, const std::vector<std::uint64_t>& other);

std::uint64_t distinct(const std::vector<std::uint64_t>& sketch);

}  // namespace usher::redis
