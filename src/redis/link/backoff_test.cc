#include "redis/link/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace usher::redis {
namespace {

class SameBytes final : public Entropy {
 public:
  explicit SameBytes(std::byte value) : value_(value) {}
  void fill(std::span<std::byte> out) override { std::ranges::fill(out, value_); }

 private:
  std::byte value_;
};

std::vector<int> delays_ms(std::byte random, int count) {
  SameBytes entropy(random);
  Backoff backoff(entropy);
  std::vector<int> delays;
  for (int i = 0; i < count; ++i) {
    delays.push_back(
        static_cast<int>(std::chrono::round<std::chrono::milliseconds>(backoff.failed()).count()));
  }
  return delays;
}

TEST(Backoff, DoublesUpToItsCapWithJitterDownwards) {
  EXPECT_EQ(delays_ms(std::byte{0xff}, 6), (std::vector{50, 100, 200, 400, 500, 500}));
  EXPECT_EQ(delays_ms(std::byte{0}, 6), (std::vector{25, 50, 100, 200, 250, 250}));
}

TEST(Backoff, AThousandFailuresLaterItIsStillTheCap) {
  EXPECT_EQ(delays_ms(std::byte{0xff}, 1000).back(), 500);
}

TEST(Backoff, ASuccessStartsItOver) {
  SameBytes entropy(std::byte{0});
  Backoff backoff(entropy);
  backoff.failed();
  backoff.failed();
  backoff.succeeded();
  EXPECT_EQ(backoff.failed(), std::chrono::milliseconds(25));
}

}  // namespace
}  // namespace usher::redis
