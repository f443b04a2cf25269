#include "wire/json_token.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

TEST(JsonTokenTest, NumbersOfAnySizeAreNumbers) {
  for (const char* number :
       {"0", "-0", "7", "10", "-12", "1.0", "0.5", "1e5", "1E+5", "1e-5", "-0.0e0", "1e400",
        "12345678901234567890123", "0.000000000000000000000000000000000000000000001"}) {
    EXPECT_TRUE(is_json_number(number)) << number;
  }
}

TEST(JsonTokenTest, WhatOnlyLooksLikeANumberIsNone) {
  for (const char* text :
       {"",      "-",    "01", "-01", "00", "+1",       ".5",  "1.",    "1.e5", "1e", "1e+",
        "1.5.5", "0x1F", "1 ", " 1",  "1a", "Infinity", "NaN", "1_000", "--1",  "1-2"}) {
    EXPECT_FALSE(is_json_number(text)) << text;
  }
}

TEST(JsonTokenTest, StringEndsAtItsFirstUnescapedQuote) {
  const auto plain = read_json_string("\"abc\":1");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->contents, "abc");
  EXPECT_FALSE(plain->escaped);
  const auto escaped = read_json_string(R"("a\"b\\" , "c")");
  ASSERT_TRUE(escaped);
  EXPECT_EQ(escaped->contents, R"(a\"b\\)");
  EXPECT_TRUE(escaped->escaped);
  EXPECT_TRUE(read_json_string("\"\""));
}

TEST(JsonTokenTest, EveryEscapeOfTheRfcIsGood) {
  for (const char* text : {R"("\"\\\/\b\f\n\r\t")", R"("\u0000")", R"("\u00e9\uABCD\uabcd")",
                           R"("\ud83d\ude00")", R"("\uDBFF\uDFFF")", R"("\ud7ff\ue000")"}) {
    EXPECT_TRUE(read_json_string(text)) << text;
  }
}

TEST(JsonTokenTest, OtherEscapesAndHalfPairsAreRefused) {
  for (const char* text : {R"("\a")",
                           R"("\x41")",
                           R"("\'")",
                           R"("\U0041")",
                           R"("\u")",
                           R"("\u12")",
                           R"("\u12g4")",
                           R"("\u 123")",
                           R"("\ud83d")",
                           R"("\ude00")",
                           R"("\ud83dx")",
                           R"("\ud83d\n")",
                           R"("\ud83d\u0041")",
                           R"("\ud83d\ud83d")",
                           R"("\ud83d\ude0")",
                           R"("\)",
                           R"("\")",
                           R"("abc)",
                           R"(")",
                           ""}) {
    EXPECT_FALSE(read_json_string(text)) << text;
  }
}

}  // namespace
}  // namespace usher::wire
