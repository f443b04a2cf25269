#include "client/deadline.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1h};

TEST(DeadlineTest, IsOverAtItsMomentAndNeverWithoutOne) {
  Deadline deadline;
  EXPECT_FALSE(deadline.is_over(kNow));
  deadline.set(kNow);
  EXPECT_FALSE(deadline.is_over(kNow - 1ms));
  EXPECT_TRUE(deadline.is_over(kNow));
  deadline.clear();
  EXPECT_FALSE(deadline.due());
  EXPECT_FALSE(deadline.is_over(kNow));
}

TEST(DeadlineTest, IsMovedOnceWhenItIsNoticedMoreThanASecondLate) {
  Deadline deadline;
  deadline.set(kNow);
  EXPECT_FALSE(deadline.move_if_late(kNow + 1s));
  EXPECT_TRUE(deadline.move_if_late(kNow + 1001ms));
  EXPECT_EQ(deadline.due(), kNow + 2001ms);
  EXPECT_FALSE(deadline.move_if_late(kNow + 1h));
  deadline.set(kNow);
  EXPECT_TRUE(deadline.move_if_late(kNow + 1h));
}

}  // namespace
}  // namespace usher::client
