#include "ticket/grant.h"

#include <gtest/gtest.h>

namespace usher::ticket {
namespace {

auth::Claims claims() {
  return {.session = "s1",
          .user = "ada",
          .jti = "t1",
          .iat = 1000,
          .exp = 2000,
          .channels = {"news", "orders:*"},
          .claims = R"({"org":7})"};
}

TEST(GrantTest, AGrantHasAllThatTheTokenSays) {
  const Grant grant = grant_for(claims());
  EXPECT_EQ(grant.session, "s1");
  EXPECT_EQ(grant.user, "ada");
  EXPECT_EQ(grant.jti, "t1");
  EXPECT_EQ(grant.iat, 1000);
  EXPECT_EQ(grant.token_exp, 2000);
  EXPECT_EQ(grant.channels, (std::vector<std::string>{"news", "orders:*"}));
  EXPECT_EQ(grant.claims, R"({"org":7})");
  EXPECT_TRUE(grant.subs.empty());
  EXPECT_FALSE(grant.origin);
}

TEST(GrantTest, ItsBearerIsTheOneOfTheToken) {
  const Grant grant = grant_for(claims());
  const auth::Bearer bearer = bearer_of(grant);
  EXPECT_EQ(bearer.session, "s1");
  EXPECT_EQ(bearer.user, "ada");
  EXPECT_EQ(bearer.jti, "t1");
  EXPECT_EQ(bearer.iat, 1000);
}

}  // namespace
}  // namespace usher::ticket
