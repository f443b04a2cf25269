#include "wire/json_text.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonTextTest, StringsAreQuotedAndOnlyWhatMustBeIsEscaped) {
  EXPECT_EQ(quoted(""), "\"\"");
  EXPECT_EQ(quoted("orders:42/é\x7F"), "\"orders:42/é\x7F\"");
  EXPECT_EQ(quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quoted("\n\r\t"), R"("\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x01\x1F", 3)), R"("\u0000\u0001\u001f")");
}

TEST(JsonTextTest, StringIsAppendedToWhatIsThere) {
  std::string out = "[";
  append_json_string(out, "x");
  EXPECT_EQ(out, "[\"x\"");
}

TEST(JsonTextTest, TextWithoutLineEndsIsGivenBackItself) {
  std::string scratch = "untouched";
  const std::string_view raw = R"({"a": "\n"})";
  EXPECT_EQ(single_line(raw, scratch).data(), raw.data());
  EXPECT_EQ(scratch, "untouched");
}

TEST(JsonTextTest, LineEndsBecomeSpacesOneForOne) {
  std::string scratch = "old";
  EXPECT_EQ(single_line("{\r\n\t\"a\":\n1}", scratch), "{  \t\"a\": 1}");
  std::string out = "before\n";
  append_single_line(out, "[\n1]");
  EXPECT_EQ(out, "before\n[ 1]");
}

}  // namespace
}  // namespace usher::wire
