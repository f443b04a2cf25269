// One thread's share of a run: a range of its clients, calls or messages.
#pragma once

#include <algorithm>
#include <cstddef>

namespace usher::bench {

struct Share {
  std::size_t first = 0;
  std::size_t count = 0;

  friend bool operator==(const Share&, const Share&) = default;
};

// Returns the `part`th of `parts` shares of `total`. The shares are contiguous, cover all of
// `total`, and differ in size by at most one.
constexpr Share share_of(std::size_t total, std::size_t parts, std::size_t part) {
  const std::size_t each = total / parts;
  const std::size_t one_more = total % parts;  // how many shares have one more
  return {part * each + std::min(part, one_more), each + (part < one_more ? 1 : 0)};
}

}  // namespace usher::bench
