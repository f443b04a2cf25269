#include "base/check.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(CheckTest, ABrokenInvariantIsThrownAndNamesConditionAndPlace) {
  EXPECT_NO_THROW(USHER_INVARIANT(1 + 1 == 2));
  try {
    USHER_INVARIANT(1 + 1 == 3);
    FAIL() << "nothing was thrown";
  } catch (const BrokenInvariant& broken) {
    const std::string text = broken.what();
    EXPECT_NE(text.find("check_test.cc:"), std::string::npos) << text;
    EXPECT_NE(text.find("1 + 1 == 3 does not hold"), std::string::npos) << text;
  }
}

TEST(CheckDeathTest, AFailedCheckEndsTheProcess) {
  EXPECT_DEATH(USHER_CHECK(1 + 1 == 3), "1 \\+ 1 == 3 does not hold");
}

}  // namespace
}  // namespace usher
