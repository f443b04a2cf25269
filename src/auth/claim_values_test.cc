#include "auth/claim_values.h"

#include <gtest/gtest.h>

#include "auth/jwt_options.h"

namespace usher::auth {
namespace {

class ClaimValuesTest : public testing::Test {
 protected:
  wire::JsonNode node(const std::string& json) {
    const auto root = reader.parse("{\"c\":" + json + "}", {.open_levels = 2});
    EXPECT_TRUE(root) << json;
    return root ? root->find("c") : wire::JsonNode();
  }
  wire::JsonReader reader;
};

TEST_F(ClaimValuesTest, ADateIsRoundedToBothSidesAndBoundedByTheYear9999) {
  const auto date = read_date(node("1.5"));
  ASSERT_TRUE(date);
  EXPECT_EQ(date->floor, 1);
  EXPECT_EQ(date->ceil, 2);
  EXPECT_EQ(read_date(node("-7"))->ceil, 0);
  EXPECT_TRUE(read_date(node("253402300799")));
  EXPECT_FALSE(read_date(node("253402300800")));
  EXPECT_FALSE(read_date(node("\"1\"")));
}

TEST_F(ClaimValuesTest, ANameIsBoundedAndHasNoControlCharacters) {
  std::string name;
  EXPECT_TRUE(read_name(node("\"" + std::string(kClaimBytesMax, 'x') + "\""), name));
  EXPECT_EQ(name.size(), kClaimBytesMax);
  EXPECT_FALSE(read_name(node("\"" + std::string(kClaimBytesMax + 1, 'x') + "\""), name));
  for (const char* bad : {"1", "null", R"("a\nb")", R"("\u0085")", R"("\u007f")"}) {
    EXPECT_FALSE(read_name(node(bad), name)) << bad;
  }
}

TEST_F(ClaimValuesTest, AnAudienceIsOneTextOrSeveral) {
  EXPECT_TRUE(is_audience(node(R"("a")")));
  EXPECT_TRUE(is_audience(node(R"(["a","b"])")));
  EXPECT_FALSE(is_audience(node(R"(["a",1])")));
  EXPECT_FALSE(is_audience(node("7")));
  EXPECT_TRUE(names_one_of(node(R"(["a","b"])"), {"x", "b"}));
  EXPECT_FALSE(names_one_of(node(R"(["a","b"])"), {"x"}));
  EXPECT_FALSE(names_one_of(wire::JsonNode(), {"x"}));
}

TEST(ClaimPrefixTest, APrefixIsPutBeforeANameThatIsNotAnotherIssuers) {
  const JwtOptions options{.user_prefix = "a:", .foreign_prefixes = {"a:b:"}};
  std::string name = "ada";
  EXPECT_TRUE(put_prefix(options, name));
  EXPECT_EQ(name, "a:ada");
  name = "b:ada";
  EXPECT_EQ(put_prefix(options, name).error(), TokenError::foreign_name);
  name = "";
  EXPECT_TRUE(put_prefix(options, name));
  EXPECT_EQ(name, "");
}

}  // namespace
}  // namespace usher::auth
