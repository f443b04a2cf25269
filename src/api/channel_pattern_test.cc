#include "api/channel_pattern.h"

#include <gtest/gtest.h>

namespace usher::api {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const auto parsed = ChannelPattern::parse(pattern);
  EXPECT_TRUE(parsed) << pattern;
  return parsed && parsed->matches(name);
}

TEST(ChannelPatternTest, StarStandsForAnyRun) {
  EXPECT_TRUE(matches("orders:*", "orders:42"));
  EXPECT_TRUE(matches("orders:*", "orders:"));
  EXPECT_TRUE(matches("*", "a:b:c"));
  EXPECT_TRUE(matches("**", ""));
  EXPECT_TRUE(matches("*:42", "orders:42"));
  EXPECT_TRUE(matches("a*b*c", "a.b.b.c"));
  EXPECT_FALSE(matches("a*b*c", "a.b.b"));
  EXPECT_FALSE(matches("orders:*", "order:42"));
  EXPECT_FALSE(matches("news", "news:1"));
}

TEST(ChannelPatternTest, AMarkStandsForOneCharacter) {
  EXPECT_TRUE(matches("orders:?2", "orders:42"));
  EXPECT_FALSE(matches("orders:?", "orders:42"));
  EXPECT_FALSE(matches("orders:?", "orders:"));
}

TEST(ChannelPatternTest, AClassStandsForOneOfItsCharacters) {
  EXPECT_TRUE(matches("a:[a-c]", "a:b"));
  EXPECT_FALSE(matches("a:[a-c]", "a:d"));
  EXPECT_FALSE(matches("a:[a-c]", "a:bb"));
  EXPECT_TRUE(matches("a:[!a-c]", "a:d"));
  EXPECT_FALSE(matches("a:[!a-c]", "a:b"));
  EXPECT_TRUE(matches("a:[xyz]", "a:y"));
  EXPECT_FALSE(matches("a:[!xyz]", "a:y"));
  EXPECT_TRUE(matches("a:[x\\]]", "a:]"));
  EXPECT_TRUE(matches("a:[{*]", "a:{"));
}

TEST(ChannelPatternTest, BracesStandForEitherOfTheirPatterns) {
  EXPECT_TRUE(matches("{orders,news}:1", "orders:1"));
  EXPECT_TRUE(matches("{orders,news}:1", "news:1"));
  EXPECT_FALSE(matches("{orders,news}:1", "chat:1"));
  EXPECT_TRUE(matches("a{,b}", "a"));
  EXPECT_TRUE(matches("a{,b}", "ab"));
  EXPECT_TRUE(matches("{a*,{b,c}?}", "c7"));
  EXPECT_TRUE(matches("{a*,{b,c}?}", "axyz"));
  EXPECT_FALSE(matches("{a*,{b,c}?}", "c"));
  EXPECT_TRUE(matches("{cat,bat,[fr]at}", "rat"));
  EXPECT_FALSE(matches("{cat,bat,[fr]at}", "at"));
}

TEST(ChannelPatternTest, WhatIsNoSignAndWhatIsEscapedStandForThemselves) {
  EXPECT_TRUE(matches("a,b}c]", "a,b}c]"));
  EXPECT_TRUE(matches("\\*\\?\\[\\{", "*?[{"));
  EXPECT_FALSE(matches("\\*", "x"));
}

TEST(ChannelPatternTest, WhatIsNoPatternIsRefused) {
  for (const char* wrong :
       {"{a", "{a,b", "[a", "[", "[]", "[!]", "[z-a]", "[a-z0-9]", "a\\", "{a,[b}", "[a\\"}) {
    EXPECT_FALSE(ChannelPattern::parse(wrong)) << wrong;
  }
  const std::string open(ChannelPattern::kDepthMax, '{');
  const std::string close(ChannelPattern::kDepthMax, '}');
  EXPECT_TRUE(ChannelPattern::parse(open + "a" + close));
  EXPECT_FALSE(ChannelPattern::parse("{" + open + "a" + close + "}"));
}

TEST(ChannelPatternTest, SaysWhatEveryMatchBeginsWith) {
  EXPECT_EQ(ChannelPattern::parse("orders:*")->prefix(), "orders:");
  EXPECT_EQ(ChannelPattern::parse("orders:4?")->prefix(), "orders:4");
  EXPECT_EQ(ChannelPattern::parse("{a,b}:1")->prefix(), "");
  EXPECT_EQ(ChannelPattern::parse("news")->prefix(), "news");
  EXPECT_EQ(ChannelPattern::parse("a\\*b")->prefix(), "a");
}

TEST(ChannelPatternTest, ManyStarsTakeNoMoreThanTheProductOfBothLengths) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "{a*,*a,**}";
  EXPECT_FALSE(matches(pattern + "b", std::string(255, 'a')));
}

}  // namespace
}  // namespace usher::api
