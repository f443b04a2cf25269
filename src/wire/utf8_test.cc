#include "wire/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

// By the definition, not by table: what the bits say, and whether they say it in the shortest way.
bool valid_by_definition(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
    const std::uint8_t lead = byte(i);
    std::size_t more = 0;
    std::uint32_t point = lead;
    if ((lead & 0xE0) == 0xC0) more = 1, point = lead & 0x1F;
    if ((lead & 0xF0) == 0xE0) more = 2, point = lead & 0x0F;
    if ((lead & 0xF8) == 0xF0) more = 3, point = lead & 0x07;
    if (more == 0 && lead >= 0x80) return false;
    if (text.size() - i <= more) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return false;
      point = point << 6 | (byte(i + k) & 0x3F);
    }
    constexpr std::uint32_t kShortest[] = {0, 0x80, 0x800, 0x10000};
    if (point < kShortest[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

TEST(Utf8Test, AgreesWithTheDefinitionOnEveryCombinationOfByteClasses) {
  constexpr std::string_view kBytes =
      "\x01\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4"
      "\xF5\xF8\xFF";
  std::string text(4, '\0');
  std::size_t valid = 0;
  for (const char a : kBytes) {
    for (const char b : kBytes) {
      for (const char c : kBytes) {
        for (const char d : kBytes) {
          text = {a, b, c, d};
          const bool expected = valid_by_definition(text);
          ASSERT_EQ(is_valid_utf8(text), expected) << testing::PrintToString(text);
          valid += expected;
        }
      }
    }
  }
  EXPECT_GT(valid, 100u);
}

struct Invalid {
  const char* what;
  std::string text;
  std::size_t impossible;  // the first byte that no valid text could have here
};

const Invalid kInvalid[] = {
    {"lone continuation byte", "a\x80z", 1},
    {"lone last continuation byte", "\xBFz", 0},
    {"overlong 2 bytes", "\xC0\xAF", 0},
    {"overlong 2 bytes, highest", "\xC1\xBF", 0},
    {"overlong 3 bytes", "\xE0\x80\xAF", 1},
    {"overlong 3 bytes, highest", "\xE0\x9F\xBF", 1},
    {"overlong 4 bytes", "\xF0\x80\x80\xAF", 1},
    {"overlong 4 bytes, highest", "\xF0\x8F\xBF\xBF", 1},
    {"first surrogate", "\xED\xA0\x80", 1},
    {"last surrogate", "\xED\xBF\xBF", 1},
    {"first point beyond", "\xF4\x90\x80\x80", 1},
    {"lead byte beyond", "\xF5\x80\x80\x80", 0},
    {"5 bytes", "\xF8\x88\x80\x80\x80", 0},
    {"6 bytes", "\xFC\x84\x80\x80\x80\x80", 0},
    {"FE", "abc\xFE", 3},
    {"FF", "\xC3\xA9\xFF", 2},
    {"2 bytes cut by ASCII", "\xC3z", 1},
    {"3 bytes cut by ASCII", "\xE2\x82z", 2},
    {"4 bytes cut by a new sequence", "\xF0\x9F\x98\xC3\xA9", 3},
};

TEST(Utf8Test, RefusesAtTheFirstImpossibleByteWhereverTheTextIsSplit) {
  for (const Invalid& invalid : kInvalid) {
    Utf8Validator bytewise;
    for (std::size_t i = 0; i <= invalid.impossible; ++i) {
      EXPECT_EQ(bytewise.feed(invalid.text.substr(i, 1)), i < invalid.impossible)
          << invalid.what << " at byte " << i;
    }
    for (std::size_t split = 0; split <= invalid.text.size(); ++split) {
      Utf8Validator validator;
      EXPECT_FALSE(validator.feed(invalid.text.substr(0, split)) &&
                   validator.feed(invalid.text.substr(split)))
          << invalid.what << " split at " << split;
    }
  }
}

TEST(Utf8Test, FindsABadByteAtEveryDistanceFromTheStart) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      EXPECT_TRUE(is_valid_utf8(text));
      text[at] = '\xFF';
      EXPECT_FALSE(is_valid_utf8(text)) << at << " of " << size;
    }
  }
}

TEST(Utf8Test, TextIsCompleteOnlyBetweenCharacters) {
  const std::string text = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  std::string seen;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed(text.substr(0, size)));
    seen += validator.complete() ? '1' : '0';
    EXPECT_EQ(is_valid_utf8(text.substr(0, size)), validator.complete());
  }
  EXPECT_EQ(seen, "1010010001");
}

TEST(Utf8Test, PrefixCutsNoCharacter) {
  const std::string text = "a\xC3\xA9\xF0\x9F\x98\x80z";
  const std::string_view prefixes[] = {
      "",          "a",         "a",         "a\xC3\xA9",
      "a\xC3\xA9", "a\xC3\xA9", "a\xC3\xA9", "a\xC3\xA9\xF0\x9F\x98\x80"};
  for (std::size_t max = 0; max < std::size(prefixes); ++max) {
    EXPECT_EQ(utf8_prefix(text, max), prefixes[max]) << max;
  }
  EXPECT_EQ(utf8_prefix(text, 8), text);
  EXPECT_EQ(utf8_prefix(text, 100), text);
}

}  // namespace
}  // namespace usher::wire
