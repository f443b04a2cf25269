#include "api/api_keys.h"

#include <gtest/gtest.h>

#include <string>

namespace usher::api {
namespace {

TEST(ApiKeysTest, EveryKeyOfTheFileIsAcceptedAndNothingElse) {
  const auto keys = ApiKeys::parse("# old one, until June\n  first-key \r\n\nsecond-key");
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->accept("first-key"));
  EXPECT_TRUE(keys->accept("second-key"));
  for (const char* wrong : {"", "first-ke", "first-key ", "FIRST-KEY", "# old one, until June"}) {
    EXPECT_FALSE(keys->accept(wrong)) << wrong;
  }
  EXPECT_EQ(keys->shortest_bytes(), 9u);
}

TEST(ApiKeysTest, FileWithoutAKeyIsAnError) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "  \t\r\n"}) {
    EXPECT_EQ(ApiKeys::parse(text).error(), ApiKeysError::no_key) << text;
  }
}

TEST(ApiKeysTest, HoldsSixteenKeysAndNoMore) {
  std::string text;
  for (std::size_t i = 0; i < ApiKeys::kKeysMax; ++i) text += "key-" + std::to_string(i) + "\n";
  ASSERT_TRUE(ApiKeys::parse(text));
  EXPECT_TRUE(ApiKeys::parse(text)->accept("key-15"));
  EXPECT_EQ(ApiKeys::parse(text + "one-more").error(), ApiKeysError::too_many);
}

}  // namespace
}  // namespace usher::api
