#include "auth/jwt_json.h"

#include <gtest/gtest.h>

#include <string>

namespace usher::auth {
namespace {

TokenError refusal(std::string_view text, std::size_t nodes_max = 8) {
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, text, nodes_max);
  EXPECT_FALSE(root) << text;
  return root ? TokenError::expired : root.error();
}

TEST(JwtJsonTest, ADuplicateIsFoundOnEveryLevel) {
  EXPECT_EQ(refusal(R"({"a":1,"a":1})"), TokenError::duplicate_member);
  for (int depth = 1; depth < wire::kJsonDepthMax; ++depth) {
    const std::string text = R"({"a":)" + std::string(static_cast<std::size_t>(depth - 1), '[') +
                             R"({"b":1,"b":1})" +
                             std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
    EXPECT_EQ(refusal(text, 100), TokenError::duplicate_member) << depth;
  }
  EXPECT_EQ(refusal(R"({"":{"b":1,"b":1}})"), TokenError::duplicate_member);
}

TEST(JwtJsonTest, OnlyAnObjectWithinBoundsIsOne) {
  EXPECT_EQ(refusal("[1]"), TokenError::not_json);
  EXPECT_EQ(refusal("{"), TokenError::not_json);
  EXPECT_EQ(refusal(R"({"a":[1,2,3,4]})", 4), TokenError::not_json);
  wire::JsonReader reader;
  EXPECT_TRUE(parse_json_object(reader, R"({"a":[1,2,3,4]})", 5));
}

}  // namespace
}  // namespace usher::auth
