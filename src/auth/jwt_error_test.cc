#include "auth/jwt_error.h"

#include <gtest/gtest.h>

#include <set>

namespace usher::auth {
namespace {

constexpr auto kLast = TokenError::foreign_name;

TEST(JwtErrorTest, OnlyExpiryAndAMissingSessionHaveACodeOfTheirOwn) {
  for (int value = 0; value <= static_cast<int>(kLast); ++value) {
    const auto error = static_cast<TokenError>(value);
    const std::string_view expected = error == TokenError::expired           ? "TOKEN_EXPIRED"
                                      : error == TokenError::missing_session ? "MISSING_SESSION"
                                                                             : "INVALID_TOKEN";
    EXPECT_EQ(to_string(code_of(error)), expected) << reason_of(error);
  }
}

TEST(JwtErrorTest, EachHasItsOwnSentence) {
  std::set<std::string_view> sentences;
  for (int value = 0; value <= static_cast<int>(kLast); ++value) {
    sentences.insert(reason_of(static_cast<TokenError>(value)));
  }
  EXPECT_EQ(sentences.size(), static_cast<std::size_t>(kLast) + 1);
}

}  // namespace
}  // namespace usher::auth
