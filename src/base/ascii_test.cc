#include "base/ascii.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(AsciiTest, LettersOfAsciiAloneHaveALowercase) {
  EXPECT_EQ(to_lower("AZ az @[`{ 09 \xC3\x84"), "az az @[`{ 09 \xC3\x84");
}

TEST(AsciiTest, ComparesWithoutCase) {
  EXPECT_TRUE(equal_ignoring_case("Bearer", "bEARER"));
  EXPECT_FALSE(equal_ignoring_case("Bearer", "Beare"));
  EXPECT_FALSE(equal_ignoring_case("@", "`"));
  EXPECT_TRUE(starts_with_ignoring_case("X-Acme-Id", "x-acme-"));
  EXPECT_TRUE(starts_with_ignoring_case("x", ""));
  EXPECT_FALSE(starts_with_ignoring_case("x", "xy"));
}

}  // namespace
}  // namespace usher
