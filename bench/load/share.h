// What one of several threads has to do: a piece of a run's clients, calls or messages.
#pragma once

#include <algorithm>
#include <cstddef>

namespace usher::bench {

struct Share {
  std::size_t first = 0;
  std::size_t count = 0;

  friend bool operator==(const Share&, const Share&) = default;
};

// The `part`th of `parts` pieces of `total`: one behind the other, together all of it, and none
// larger than another by more than one.
constexpr Share share_of(std::size_t total, std::size_t parts, std::size_t part) {
  const std::size_t each = total / parts;
  const std::size_t one_more = total % parts;  // so many pieces have
  return {part * each + std::min(part, one_more), each + (part < one_more ? 1 : 0)};
}

}  // namespace usher::bench
