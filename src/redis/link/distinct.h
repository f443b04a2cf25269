// Counts the different things that several nodes have seen together, without sending all of them.
//
// A sketch holds the kSketchMax smallest hashes (k minimum values: Bar-Yossef et al. 2002). While
// there are fewer, the count is exact. Otherwise it is estimated from how dense the smallest hashes
// are, with an error of about 1 %.
//
// Threads: none. Plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace usher::redis {

inline constexpr std::size_t kSketchMax = 16'384;  // hashes: 128 KiB

// Makes a sketch of the hashes: sorted, each once, and only the smallest. Requires: the hashes are
// spread evenly over 64 bits.
void make_sketch(std::vector<std::uint64_t>& hashes);

// Adds `other` to `sketch`. Requires: both are sketches.
void merge_sketch(std::vector<std::uint64_t>& sketch, const std::vector<std::uint64_t>& other);

// Returns the (estimated) number of different hashes that the sketch was made of.
std::uint64_t distinct(const std::vector<std::uint64_t>& sketch);

}  // namespace usher::redis
