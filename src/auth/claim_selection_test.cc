#include "auth/claim_selection.h"

#include <gtest/gtest.h>

#include <vector>

namespace usher::auth {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kClaims =
    R"({"sub":"ada","org":{"id": 7,"x":[1e400]},"plan":"a\"b\u00fc","none":null})";

TEST(ClaimSelection, HasTheNamedMembersInTheirOrder) {
  EXPECT_EQ(select_claims(kClaims, Names{"plan", "org"}),
            R"({"org":{"id": 7,"x":[1e400]},"plan":"a\"b\u00fc"})");
  EXPECT_EQ(select_claims(kClaims, Names{"none"}), R"({"none":null})");
}

TEST(ClaimSelection, IsEmptyWithoutOneOfThem) {
  EXPECT_EQ(select_claims(kClaims, Names{}), "");
  EXPECT_EQ(select_claims(kClaims, Names{"id", "ORG", ""}), "");
}

TEST(ClaimSelection, IsOnOneLineAndItsNamesAreEscaped) {
  EXPECT_EQ(select_claims("{\"a\\n\\\"b\":[1,\r\n2]}", Names{"a\n\"b"}), "{\"a\\n\\\"b\":[1,  2]}");
}

TEST(ClaimSelection, ValuesMayBeLargeAndDeep) {
  std::string large = "[0";
  for (int i = 0; i < 8000; ++i) large += ",0";
  large += "]";
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  for (const std::string& value : {large, deep}) {
    const std::string json = "{\"a\":" + value + "}";
    EXPECT_EQ(select_claims(json, Names{"a"}), json);
  }
}

TEST(ClaimSelection, IsEmptyForWhatIsNoObject) {
  for (const std::string_view text : {"", "[1]", "\"a\"", "{", R"({"a":1)", R"({"a":1} x)"}) {
    EXPECT_EQ(select_claims(text, Names{"a", ""}), "") << text;
  }
}

}  // namespace
}  // namespace usher::auth
