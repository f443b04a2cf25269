#include "limits/half_open.h"

#include <gtest/gtest.h>

namespace usher::limits {
namespace {

TEST(HalfOpenTest, AnAddressIsHeldToItsLimitAndOthersAreNot) {
  HalfOpen half_open(2);
  EXPECT_TRUE(half_open.admit("192.0.2.1"));
  EXPECT_TRUE(half_open.admit("192.0.2.1"));
  EXPECT_FALSE(half_open.admit("192.0.2.1"));
  EXPECT_TRUE(half_open.admit("192.0.2.2"));
  half_open.release("192.0.2.1");
  EXPECT_TRUE(half_open.admit("192.0.2.1"));
  EXPECT_FALSE(half_open.admit("192.0.2.1"));
}

TEST(HalfOpenTest, ZeroIsNoLimit) {
  HalfOpen half_open(0);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(half_open.admit("192.0.2.1"));
}

TEST(HalfOpenTest, ALimitThatComesLaterKnowsWhatIsThere) {
  HalfOpen half_open(0);
  EXPECT_TRUE(half_open.admit("192.0.2.1"));
  half_open.set_max(1);
  EXPECT_FALSE(half_open.admit("192.0.2.1"));
  half_open.release("192.0.2.1");
  EXPECT_TRUE(half_open.admit("192.0.2.1"));
}

}  // namespace
}  // namespace usher::limits
