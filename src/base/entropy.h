// Randomness, as a dependency. In production it comes from the kernel (base/system.h), in tests
// from a seed.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace usher {

class Entropy {
 public:
  virtual ~Entropy() = default;

  // Fills `out` with unpredictable bytes. Never fails: if the kernel has no randomness, the process
  // ends. Threads: threads may share an implementation.
  virtual void fill(std::span<std::byte> out) = 0;

  template <std::size_t N>
  std::array<std::byte, N> bytes() {
    std::array<std::byte, N> out;
    fill(out);
    return out;
  }
};

}  // namespace usher
