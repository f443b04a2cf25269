#include "doors/percent.h"

#include <gtest/gtest.h>

namespace usher::doors {
namespace {

using namespace std::literals;

TEST(PercentTest, DecodesEachByteInBothCases) {
  constexpr std::string_view kLower = "0123456789abcdef", kUpper = "0123456789ABCDEF";
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::string expected(1, static_cast<char>(byte));
    for (const std::string_view digits : {kLower, kUpper}) {
      const std::string encoded{'%', digits[byte / 16], digits[byte % 16]};
      EXPECT_EQ(percent_decoded(encoded), expected) << encoded;
      EXPECT_EQ(percent_decoded("a" + encoded + "b"), "a" + expected + "b") << encoded;
    }
  }
}

TEST(PercentTest, WhatIsNoPercentEncodingStays) {
  for (const std::string_view text :
       {""sv, "ticket"sv, "a+b"sv, "%"sv, "%4"sv, "%%"sv, "%g1"sv, "%1g"sv, "%-1"sv, "%+1"sv,
        "% 1"sv, "%:0"sv, "%/0"sv, "%@0"sv, "%`0"sv, "100%"sv, "a%4"sv, "\0%"sv,
        "%\0"
        "41"sv}) {
    EXPECT_EQ(percent_decoded(text), text);
  }
}

TEST(PercentTest, DecodesOnceAndGoesOnBehindABrokenOne) {
  struct Row {
    std::string_view encoded, decoded;
  };
  for (const Row& row : {Row{"%2541", "%41"}, Row{"%%41", "%A"}, Row{"%4%41", "%4A"},
                         Row{"%41%42C", "ABC"}, Row{"%x%2e%2E", "%x.."}}) {
    EXPECT_EQ(percent_decoded(row.encoded), row.decoded) << row.encoded;
  }
}

}  // namespace
}  // namespace usher::doors
