#include "hub/idempotency.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;

class IdempotencyTest : public testing::Test {
 protected:
  TimePoint now{};
  test::SeededEntropy entropy;
  Idempotency keys{2, 5min, entropy};
};

TEST_F(IdempotencyTest, RemembersUntilItsTtl) {
  const auto key = keys.key_of("news:1", "k");
  EXPECT_EQ(keys.find(key, now), nullptr);
  keys.remember(key, {7, "e"}, now);
  EXPECT_EQ(*keys.find(key, now + 5min - 1ns), (Position{7, "e"}));
  EXPECT_EQ(keys.find(key, now + 5min), nullptr);
  EXPECT_EQ(keys.size(), 0u);
}

TEST_F(IdempotencyTest, ChannelAndKeyCountTogether) {
  keys.remember(keys.key_of("news:1", "k"), {1, "e"}, now);
  EXPECT_EQ(keys.find(keys.key_of("news:2", "k"), now), nullptr);
  EXPECT_EQ(keys.find(keys.key_of("news:1", "l"), now), nullptr);
  EXPECT_EQ(keys.find(keys.key_of("news:1k", ""), now), nullptr);
}

TEST_F(IdempotencyTest, IsFullAtItsMaximumUntilOneExpires) {
  keys.remember(keys.key_of("a", "1"), {}, now);
  EXPECT_FALSE(keys.full(now));
  keys.remember(keys.key_of("a", "2"), {}, now + 1s);
  EXPECT_TRUE(keys.full(now + 1s));
  EXPECT_TRUE(keys.full(now + 5min - 1ns));
  EXPECT_FALSE(keys.full(now + 5min));
}

}  // namespace
}  // namespace usher::hub
