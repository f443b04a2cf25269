#include "auth/seen_messages.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::auth {
namespace {

using Seen = SeenMessages::Seen;

class SeenMessagesTest : public testing::Test {
 protected:
  test::SeededEntropy entropy;
  SeenMessages seen{entropy, /*entries_max=*/2};
};

TEST_F(SeenMessagesTest, AMessageIsNewOnceUntilItsEnd) {
  EXPECT_EQ(seen.add("a", 100, 10), Seen::first);
  EXPECT_EQ(seen.add("a", 100, 99), Seen::under_way);
  EXPECT_EQ(seen.add("b", 100, 99), Seen::first);
  EXPECT_EQ(seen.add("a", 200, 100), Seen::first);
  EXPECT_EQ(seen.size(), 1u);
}

TEST_F(SeenMessagesTest, OneThatIsUnderWayIsNotDoneYet) {
  EXPECT_EQ(seen.add("a", 100, 10), Seen::first);
  EXPECT_EQ(seen.add("a", 100, 10), Seen::under_way);
  seen.done("a");
  seen.done("never known");
  EXPECT_EQ(seen.add("a", 100, 10), Seen::done);
}

TEST_F(SeenMessagesTest, AForgottenMessageMayComeAgain) {
  EXPECT_EQ(seen.add("a", 100, 10), Seen::first);
  seen.forget("a");
  seen.forget("never known");
  EXPECT_EQ(seen.add("a", 100, 10), Seen::first);
}

TEST_F(SeenMessagesTest, WithoutRoomTheOneThatEndsFirstIsForgotten) {
  EXPECT_EQ(seen.add("late", 300, 10), Seen::first);
  EXPECT_EQ(seen.add("soon", 100, 10), Seen::first);
  EXPECT_EQ(seen.add("new", 200, 10), Seen::first);
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen.add("late", 300, 10), Seen::under_way);
  EXPECT_EQ(seen.add("soon", 100, 10), Seen::first);
}

}  // namespace
}  // namespace usher::auth
