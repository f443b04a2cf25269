#include "client/secrets.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

TEST(SecretsTest, ATextThatHoldsOneIsHiddenWhole) {
  Secrets secrets;
  secrets.add("abc");
  EXPECT_EQ(secrets.mask("xabcx"), "***");
  EXPECT_EQ(secrets.mask("xabx"), "xabx");
}

TEST(SecretsTest, AnEmptySecretHidesNothing) {
  Secrets secrets;
  secrets.add("");
  EXPECT_EQ(secrets.mask("text"), "text");
}

TEST(SecretsTest, TheOldestIsForgottenAtTheBoundAndUseKeepsOneYoung) {
  Secrets secrets;
  secrets.add("<first>");
  secrets.add("<second>");
  for (std::size_t i = 2; i < Secrets::kSecretsMax; ++i) secrets.add("<" + std::to_string(i) + ">");
  EXPECT_EQ(secrets.mask("<first>"), "***");
  secrets.add("<first>");
  secrets.add("<one more>");
  EXPECT_EQ(secrets.mask("<first>"), "***");
  EXPECT_EQ(secrets.mask("<second>"), "<second>");
}

}  // namespace
}  // namespace usher::client
