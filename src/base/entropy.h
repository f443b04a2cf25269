// Randomness, as a dependency. Production takes it from the kernel (base/system.h), tests from a
// seed.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace usher {

class Entropy {
 public:
  virtual ~Entropy() = default;

  // Fills `out` with unpredictable bytes. Never fails: a kernel without randomness ends the
  // process. Threads: an implementation may be shared by threads.
  virtual void fill(std::span<std::byte> out) = 0;

  template <std::size_t N>
  std::array<std::byte, N> bytes() {
    std::array<std::byte, N> out;
    fill(out);
    return out;
  }
};

}  // namespace usher
