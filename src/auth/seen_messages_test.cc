#include "auth/seen_messages.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::auth {
namespace {

class SeenMessagesTest : public testing::Test {
 protected:
  test::SeededEntropy entropy;
  SeenMessages seen{entropy, /*entries_max=*/2};
};

TEST_F(SeenMessagesTest, AMessageIsNewOnceUntilItsEnd) {
  EXPECT_TRUE(seen.add("a", 100, 10));
  EXPECT_FALSE(seen.add("a", 100, 99));
  EXPECT_TRUE(seen.add("b", 100, 99));
  EXPECT_TRUE(seen.add("a", 200, 100));
  EXPECT_EQ(seen.size(), 1u);
}

TEST_F(SeenMessagesTest, AForgottenMessageMayComeAgain) {
  EXPECT_TRUE(seen.add("a", 100, 10));
  seen.forget("a");
  seen.forget("never known");
  EXPECT_TRUE(seen.add("a", 100, 10));
}

TEST_F(SeenMessagesTest, WithoutRoomTheOneThatEndsFirstIsForgotten) {
  EXPECT_TRUE(seen.add("late", 300, 10));
  EXPECT_TRUE(seen.add("soon", 100, 10));
  EXPECT_TRUE(seen.add("new", 200, 10));
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_FALSE(seen.add("late", 300, 10));
  EXPECT_TRUE(seen.add("soon", 100, 10));
}

}  // namespace
}  // namespace usher::auth
