#include "client/desk_policy.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

using namespace std::chrono_literals;

class DeskPolicyTest : public testing::Test {
 protected:
  int draws = 0;
  DeskPolicy policy{[this] { return ++draws, 0.5; }};
};

TEST_F(DeskPolicyTest, AFailureClosesTheGateForItsDelay) {
  policy.set_now(Instant(10s));
  EXPECT_TRUE(policy.is_open());
  EXPECT_EQ(policy.failed(kNoDelay, 0), 250ms);
  EXPECT_EQ(policy.gate(), Instant(10250ms));
  policy.set_now(Instant(10249ms));
  EXPECT_FALSE(policy.is_open());
  policy.set_now(Instant(10250ms));
  EXPECT_TRUE(policy.is_open());
  EXPECT_EQ(policy.failed(kNoDelay, 0), 500ms);
}

TEST_F(DeskPolicyTest, WhileItIsClosedAFailureIsNeitherCountedNorDrawnFor) {
  policy.failed(kNoDelay, 0);
  policy.set_now(Instant(100ms));
  EXPECT_EQ(policy.failed(kNoDelay, 0), 150ms);
  EXPECT_EQ(policy.gate(), Instant(250ms));
  EXPECT_EQ(policy.failed({.ms = 700.9}, 0), 700ms);
  EXPECT_EQ(policy.gate(), Instant(800ms));
  EXPECT_EQ(policy.failed({.ms = 1e12}, 0), 1h);
  EXPECT_EQ(policy.failures(), 1u);
  EXPECT_EQ(draws, 1);
}

TEST_F(DeskPolicyTest, WhileItIsClosedAStableConnectionForgivesNothing) {
  policy.failed(kNoDelay, 0);
  policy.stable();
  EXPECT_EQ(policy.failures(), 1u);
  policy.set_now(Instant(250ms));
  policy.stable();
  EXPECT_EQ(policy.failures(), 0u);
}

TEST_F(DeskPolicyTest, AFreeFailureLeavesTheGateOnceInARow) {
  EXPECT_FALSE(policy.failed_free());
  EXPECT_EQ(policy.failed(kNoDelay, 0), 0ms);
  EXPECT_TRUE(policy.is_open());
  EXPECT_EQ(policy.failures(), 1u);
  EXPECT_FALSE(policy.failed_free());
  EXPECT_EQ(policy.failed(kNoDelay, 0), 500ms);
  EXPECT_FALSE(policy.is_open());
  EXPECT_EQ(policy.failures(), 2u);
}

TEST_F(DeskPolicyTest, OnlyTheUserForgives) {
  policy.failed(kNoDelay, 0);
  policy.restart();
  EXPECT_EQ(policy.failures(), 1u);
  policy.forgive();
  EXPECT_EQ(policy.failures(), 0u);
  EXPECT_FALSE(policy.is_open()) << "the gate stays";
}

TEST_F(DeskPolicyTest, TheGateNeverOpensEarlier) {
  policy.close_until(Instant(1s));
  policy.close_until(Instant(500ms));
  EXPECT_EQ(policy.gate(), Instant(1s));
}

}  // namespace
}  // namespace usher::client
