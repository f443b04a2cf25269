#include "hub/pending_shares.h"

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

TEST(PendingSharesTest, CountsEachSession) {
  PendingShares shares;
  shares.add("a", 1);
  shares.add("a", 2);
  shares.add("b", 3);
  EXPECT_EQ(shares.size(), 3u);
  EXPECT_EQ(shares.of("a"), 2u);
  EXPECT_EQ(shares.of("b"), 1u);
  EXPECT_EQ(shares.of("c"), 0u);
  shares.remove("a", 1);
  shares.remove("b", 3);
  EXPECT_EQ(shares.size(), 1u);
  EXPECT_EQ(shares.of("a"), 1u);
  EXPECT_EQ(shares.of("b"), 0u);
}

TEST(PendingSharesTest, TheSessionThatHoldsMostGivesItsNewest) {
  PendingShares shares;
  EXPECT_EQ(shares.newest_of_most(0), std::nullopt);
  shares.add("a", 1);
  shares.add("b", 2);
  shares.add("b", 3);
  shares.add("c", 4);
  EXPECT_EQ(shares.newest_of_most(0), 3u);
  EXPECT_EQ(shares.newest_of_most(1), 3u);
  EXPECT_EQ(shares.newest_of_most(2), std::nullopt) << "no session holds more than two";
  shares.remove("b", 3);
  EXPECT_EQ(shares.newest_of_most(1), std::nullopt);
}

}  // namespace
}  // namespace usher::hub
