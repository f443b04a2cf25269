#include "hub/history_shares.h"

#include <gtest/gtest.h>

#include "hub/home_channels.h"

namespace usher::hub {
namespace {

struct HistorySharesAloneTest : testing::Test {
  HistoryShares shares{100};
  HomeChannel one, two, three;
};

TEST_F(HistorySharesAloneTest, IsOverAboveItsBytesAndNotAtThem) {
  const auto place = shares.add("ada", one, 60);
  shares.add("bob", two, 40);
  EXPECT_FALSE(shares.over());
  shares.add("", three, 1);
  EXPECT_TRUE(shares.over());
  shares.remove(place, 60);
  EXPECT_EQ(shares.bytes(), 41u);
  EXPECT_FALSE(shares.over());
}

TEST_F(HistorySharesAloneTest, AmongClientsTheOneThatKeepsMostLosesOnItsQuietestChannel) {
  shares.add("ada", one, 30);
  shares.add("ada", two, 30);
  shares.add("ada", one, 10);
  shares.add("bob", three, 50);
  EXPECT_EQ(shares.most(), shares.find("ada"));
  EXPECT_EQ(&shares.next_to_trim(), &two) << "ada has published to the other one since";
}

TEST_F(HistorySharesAloneTest, TheBackendLosesOnlyAboveItsHalf) {
  shares.add("", one, 50);
  shares.add("ada", two, 10);
  EXPECT_EQ(&shares.next_to_trim(), &two);
  shares.add("", one, 1);
  EXPECT_EQ(&shares.next_to_trim(), &one);
}

TEST_F(HistorySharesAloneTest, WithoutClientsTheBackendMayFillItAll) {
  shares.add("", one, 101);
  EXPECT_EQ(shares.most(), nullptr);
  EXPECT_EQ(&shares.next_to_trim(), &one);
}

TEST_F(HistorySharesAloneTest, AClientThatKeepsNothingIsForgotten) {
  const auto first = shares.add("ada", one, 10);
  const auto second = shares.add("ada", one, 20);
  EXPECT_EQ(shares.find("ada")->parts.size(), 1u);
  shares.remove(first, 10);
  EXPECT_EQ(shares.find("ada")->bytes, 20u);
  shares.remove(second, 20);
  EXPECT_EQ(shares.find("ada"), nullptr);
  EXPECT_EQ(shares.publishers(), 0u);
  EXPECT_EQ(shares.bytes(), 0u);
}

TEST_F(HistorySharesAloneTest, ASmallerLimitIsReachedStepByStep) {
  HistoryShares limited(100);
  limited.add("", one, 100);
  limited.set_max(10);
  EXPECT_FALSE(limited.over());
  limited.approach(30);
  EXPECT_TRUE(limited.over());
  limited.set_max(200);
  EXPECT_FALSE(limited.over());
}

}  // namespace
}  // namespace usher::hub
