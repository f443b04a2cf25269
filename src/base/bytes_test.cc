#include "base/bytes.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(BytesTest, Sha256OfTheStandardsExample) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(BytesTest, HexTakesOnlyLowercaseOfTheRightLength) {
  std::array<std::byte, 2> out;
  EXPECT_TRUE(from_hex("00ff", out));
  EXPECT_EQ(out[1], std::byte{255});
  for (const auto* text : {"00fF", "00f", "00fff", "00fg", "", "00 f"}) {
    EXPECT_FALSE(from_hex(text, out)) << text;
  }
}

TEST(BytesTest, Base64UrlRoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 37));
  }
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
}

TEST(BytesTest, Base64UrlRefusesWhatIsNotCanonical) {
  for (const auto* text : {"A", "AB=", "AB==", "A B", "AB\n", "+A", "/A", "AB", "AAB", "-_9"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
  EXPECT_EQ(from_base64url("AA"), std::string(1, '\0'));
}

TEST(BytesTest, Base64IsReadWithItsPadding) {
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("Zg=="), "f");
  EXPECT_EQ(from_base64("Zm8="), "fo");
  EXPECT_EQ(from_base64("Zm9v"), "foo");
  EXPECT_EQ(from_base64("+/8="), "\xfb\xff");
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "-_8=", "Zm9v\n",
                           "Zm 9", "Zg==Zg==", "=Zg="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(BytesTest, ConstantTimeCompareComparesAllBytes) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secreu"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secre"));
}

}  // namespace
}  // namespace usher
