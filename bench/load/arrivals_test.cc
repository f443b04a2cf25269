#include "bench/load/arrivals.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

TEST(Arrivals, AMessageHasArrivedWhenEveryThreadHasIt) {
  Arrivals arrivals(1, 3);
  EXPECT_FALSE(arrivals.reached(0));
  EXPECT_FALSE(arrivals.reached(0));
  EXPECT_FALSE(arrivals.all_have());
  EXPECT_TRUE(arrivals.reached(0));
  EXPECT_TRUE(arrivals.all_have());
}

TEST(Arrivals, MessagesMayOvertakeEachOther) {
  Arrivals arrivals(2, 2);
  EXPECT_FALSE(arrivals.reached(1));
  EXPECT_FALSE(arrivals.reached(0));
  EXPECT_TRUE(arrivals.reached(1));
  EXPECT_FALSE(arrivals.all_have());
  EXPECT_TRUE(arrivals.reached(0));
  EXPECT_TRUE(arrivals.all_have());
}

TEST(Arrivals, NoneArrivesTwice) {
  Arrivals arrivals(2, 1);
  EXPECT_TRUE(arrivals.reached(0));
  EXPECT_FALSE(arrivals.reached(0));
  EXPECT_FALSE(arrivals.all_have());
}

}  // namespace
}  // namespace usher::bench
