#include "issuer/token_check.h"

#include <gtest/gtest.h>

#include "auth/jwt_signer.h"
#include "support/fake_newer_keys.h"

namespace usher::issuer {
namespace {

using namespace std::chrono_literals;
using auth::TokenError;

class TokenCheckTest : public testing::Test {
 protected:
  void check(NewerKeys* keys, std::string_view token) {
    check_token(
        keys, token,
        [this](std::string_view) -> Result<auth::Claims, TokenError> {
          if (error) return *error;
          return auth::Claims{.session = "s"};
        },
        [this](CheckedToken checked) { answer = std::move(checked); });
  }
  static std::string token_of(const std::string& issuer) {
    auth::JwtPayload payload;
    payload.set("iss", issuer);
    return FakeNewerKeys::sign(payload, "k");
  }

  FakeNewerKeys newer;
  std::optional<TokenError> error = TokenError::unknown_key;
  std::optional<CheckedToken> answer;
};

TEST_F(TokenCheckTest, TheIssuerThatTheTokenNamesIsAsked) {
  check(&newer, token_of("https://b.example"));
  EXPECT_EQ(newer.asked, std::deque<std::string>{"https://b.example"});
  EXPECT_FALSE(answer);
  error.reset();
  newer.answer({.looked = true});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(*answer);
}

TEST_F(TokenCheckTest, ARefusalIsFinalOnlyIfTheIssuerHasBeenAsked) {
  check(&newer, token_of("https://b.example"));
  newer.answer({.looked = false, .wait = 7s});
  EXPECT_EQ(answer->error().unknown_for, 7s);
  check(&newer, token_of("https://b.example"));
  newer.answer({.looked = true});
  EXPECT_EQ(answer->error().unknown_for, std::nullopt);
}

TEST_F(TokenCheckTest, NobodyIsAskedForWhatNoKeyCanMend) {
  error = TokenError::wrong_issuer;
  check(&newer, token_of("https://c.example"));
  EXPECT_EQ(answer->error().error, TokenError::wrong_issuer);
  error = TokenError::signature;
  check(&newer, token_of("https://b.example"));
  EXPECT_TRUE(newer.asked.empty());
  newer.missing = true;
  check(&newer, token_of("https://b.example"));
  EXPECT_EQ(newer.asked.size(), 1u);
  error = TokenError::unknown_key;
  check(nullptr, token_of("https://b.example"));
  EXPECT_EQ(answer->error().unknown_for, std::nullopt);
}

}  // namespace
}  // namespace usher::issuer
