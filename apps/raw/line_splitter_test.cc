#include "apps/raw/line_splitter.h"

#include <gtest/gtest.h>

namespace usher::apps {
namespace {

using Lines = std::vector<std::string>;

TEST(LineSplitterTest, LinesAreTheSameHoweverTheirBytesCome) {
  const std::string text = "one\n\ntwo and a half\r\nlast";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    LineSplitter splitter({});
    Lines lines;
    for (std::size_t at = 0; at < text.size(); at += step)
      ASSERT_TRUE(splitter.feed(std::string_view(text).substr(at, step), lines));
    EXPECT_EQ(lines, (Lines{"one", "", "two and a half\r"})) << step;
    splitter.finish(lines);
    EXPECT_EQ(lines.back(), "last") << step;
  }
}

TEST(LineSplitterTest, AnInputThatEndsWithALineEndHasNoEmptyLastLine) {
  LineSplitter splitter({});
  Lines lines;
  splitter.feed("one\n", lines);
  splitter.finish(lines);
  EXPECT_EQ(lines, Lines{"one"});
}

TEST(LineSplitterTest, ALineMayHaveAsManyBytesAsTheBoundAndNoMore) {
  Lines lines;
  LineSplitter at_bound({.line_bytes_max = 4});
  EXPECT_TRUE(at_bound.feed("1234\n12", lines));
  EXPECT_TRUE(at_bound.feed("34", lines));
  EXPECT_FALSE(at_bound.feed("5", lines));
  LineSplitter at_once({.line_bytes_max = 4});
  EXPECT_FALSE(at_once.feed("12345\n", lines));
  EXPECT_EQ(lines, Lines{"1234"});
}

TEST(LineSplitterTest, AnotherLineEndLeavesLineFeedsAlone) {
  LineSplitter splitter({.end = '\0'});
  Lines lines;
  splitter.feed(std::string_view("a\nb\0c\0", 6), lines);
  EXPECT_EQ(lines, (Lines{"a\nb", "c"}));
}

TEST(LineOfTest, AMessageIsOneLine) {
  EXPECT_EQ(line_of("{\n \"a\": 1\n}", '\n'), "{  \"a\": 1 }\n");
  EXPECT_EQ(line_of("a\nb", '\0'), std::string("a\nb\0", 4));
  EXPECT_EQ(line_of("", '\n'), "\n");
}

}  // namespace
}  // namespace usher::apps
