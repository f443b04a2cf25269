// Reproducible "randomness" for tests.
#pragma once

#include <random>

#include "base/entropy.h"

namespace usher::test {

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed = 1) : random_(seed) {}
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(random_());
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace usher::test
