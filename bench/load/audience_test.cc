#include "bench/load/audience.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

TEST(Audiences, ThatGotTheSameOrderDoNotDiffer) {
  EXPECT_EQ(differences({0, 2, 1}, {0, 2, 1}), 0u);
  EXPECT_EQ(differences({}, {}), 0u);
}

TEST(Audiences, ThatGotAnotherOrderDifferInEachPlaceOfIt) {
  EXPECT_EQ(differences({0, 1, 2}, {0, 2, 1}), 2u);
}

TEST(Audiences, OfWhichOneGotLessAreComparedAsFarAsItWent) {
  EXPECT_EQ(differences({0, 1, 2, 3}, {0, 1}), 0u);
  EXPECT_EQ(differences({1}, {0, 1, 2}), 1u);
}

}  // namespace
}  // namespace usher::bench
