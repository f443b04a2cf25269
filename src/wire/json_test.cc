#include "wire/json.h"

#include <gtest/gtest.h>

#include "support/print_result.h"

namespace usher::wire {
namespace {

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

JsonError error_of(std::string_view text, const JsonShape& shape = {}) {
  JsonReader reader;
  const auto root = reader.parse(text, shape);
  EXPECT_TRUE(root.has_error()) << text;
  return root.has_error() ? root.error() : JsonError{0xFF};
}

TEST(JsonReaderTest, EveryKindOfValuePassesByteForByte) {
  JsonReader reader;
  for (const char* text :
       {"null", "true", "false", "0", "-0", "1.0", "1e400", "12345678901234567890123", "\"\"",
        R"("a\u00e9\ud83d\ude00\n")", "[]", "{}", "[1,2,[3]]", R"({"a":{"b":[]},"c":null})",
        R"({"":{"":1}})", "\"\x7F\xC3\xA9\xF0\x9F\x98\x80\""}) {
    const auto root = reader.parse(text);
    ASSERT_TRUE(root.has_value()) << text;
    EXPECT_EQ(root->raw(), text);
    EXPECT_TRUE(reader.is_valid(text));
  }
}

TEST(JsonReaderTest, WhiteSpaceAroundIsNoPartOfTheValue) {
  JsonReader reader;
  EXPECT_EQ(reader.parse(" \t\r\n{ \"a\" : 1 } \n")->raw(), "{ \"a\" : 1 }");
  EXPECT_EQ(reader.parse(" 12 ")->raw(), "12");
  EXPECT_EQ(reader.parse("\n[ [ ] , 2 ]")->raw(), "[ [ ] , 2 ]");
}

TEST(JsonReaderTest, MalformedTextIsRefusedWhereverTheDamageIs) {
  const std::vector<std::string> texts = {"",
                                          " ",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          "[1",
                                          "[[1]",
                                          "{\"a\":1",
                                          "{\"a\":[1}",
                                          "[1}",
                                          "{\"a\":1]",
                                          "[1,]",
                                          "[,1]",
                                          "[1,,2]",
                                          "[1 2]",
                                          "{\"a\":1,}",
                                          "{,}",
                                          "{\"a\"}",
                                          "{\"a\":}",
                                          "{\"a\" 1}",
                                          "{a:1}",
                                          "{1:2}",
                                          "{'a':1}",
                                          "{\"a\":1 \"b\":2}",
                                          "{\"a\"::1}",
                                          "[:]",
                                          "tru",
                                          "truex",
                                          "True",
                                          "nul",
                                          "nulls",
                                          "undefined",
                                          "NaN",
                                          "01",
                                          "[01]",
                                          "{\"a\":-}",
                                          "[1.]",
                                          "[.5]",
                                          "+1",
                                          "1 2",
                                          "{}{}",
                                          "{} x",
                                          "[]]",
                                          "\"a",
                                          "\"a\"x",
                                          "\"a\"\"b\"",
                                          "[\"a\" \"b\"]",
                                          "123\"abc\"",
                                          "\"\t\"",
                                          "\"\n\"",
                                          R"(["\q"])",
                                          R"({"\q":1})",
                                          R"(["\ud800"])",
                                          R"({"\udc00":1})",
                                          "\"\xFF\"",
                                          "\"\xC3\"",
                                          "\"\xED\xA0\x80\"",
                                          "\"\xC0\xAF\"",
                                          "[1]\f",
                                          "\f[1]",
                                          "\xEF\xBB\xBF{}",
                                          "// c\n1",
                                          "[1/**/]",
                                          "{\"x\":tru, 1 2}",
                                          "{\"a\":1}\v",
                                          std::string("[1]\0", 4),
                                          std::string("\0", 1),
                                          "[\"a\\\"]",
                                          "{\"a\":\"b}",
                                          "[[[[",
                                          "]]]]",
                                          ":",
                                          ",",
                                          "[tru]",
                                          "[nul]",
                                          "[falsey]",
                                          "[\"a\":1]",
                                          "{\"a\",\"b\"}",
                                          "{[]:1}",
                                          "{\"a\":1:2}",
                                          "-",
                                          "[--1]",
                                          "1e",
                                          "\\u0031"};
  JsonReader reader;
  for (const std::string& text : texts) {
    EXPECT_EQ(error_of(text), JsonError::malformed) << text;
    EXPECT_FALSE(reader.is_valid(text)) << text;
    const std::string inside = R"({"id":1,"publish":{"data":)" + text + "}}";
    EXPECT_FALSE(reader.is_valid(inside)) << inside;
  }
}

TEST(JsonReaderTest, StringInAValuesPlaceIsNeverTakenForAName) {
  for (const char* text : {R"({"a":"b":1})", R"({"a":"b":{"c":1}})", R"(["a":1])", R"([["a":1]])",
                           R"({"a":true,"b":"c":3,"d":1}})", R"({"a":"b":"c":1})"}) {
    EXPECT_EQ(error_of(text), JsonError::malformed) << text;
  }
}

TEST(JsonReaderTest, BytesBehindTheTextDoNotMatter) {
  JsonReader reader;
  for (const std::string text : {"[[1]", "{\"a\":{\"b\":1}", "[1", "[[[[[[1]", "1", "12", "tru",
                                 "[\"a\"", "[{}", "{\"a\":[]"}) {
    for (const char filler : std::string("]},:\"[{1e \\\n")) {
      const std::string buffer = text + std::string(64, filler);
      const auto root = reader.parse(std::string_view(buffer).substr(0, text.size()));
      EXPECT_EQ(root.has_value(), text == "1" || text == "12") << buffer;
    }
  }
}

TEST(JsonReaderTest, SixtyFourLevelsPassAndOneMoreDoesNot) {
  JsonReader reader;
  const JsonShape closed{.open_levels = 0};
  EXPECT_TRUE(reader.is_valid(nested(kJsonDepthMax)));
  EXPECT_EQ(error_of(nested(kJsonDepthMax + 1), closed), JsonError::too_deep);
  EXPECT_EQ(error_of(nested(5000), closed), JsonError::too_deep);
  std::string objects;
  for (int i = 0; i < kJsonDepthMax; ++i) objects += "{\"a\":";
  const std::string closing(kJsonDepthMax, '}');
  EXPECT_TRUE(reader.is_valid(objects + "1" + closing));
  EXPECT_FALSE(reader.is_valid(objects + "{}" + closing));
}

TEST(JsonReaderTest, ClosedValueMayBeAsDeepWhateverIsAroundIt) {
  JsonReader reader;
  const JsonShape shape{.open_levels = 2, .closed_member = "data"};
  const auto around = [](const std::string& value) { return R"({"a":{"b":)" + value + R"(}})"; };
  EXPECT_TRUE(reader.parse(around(nested(kJsonDepthMax)), shape).has_value());
  EXPECT_EQ(error_of(around(nested(kJsonDepthMax + 1)), shape), JsonError::too_deep);
  EXPECT_TRUE(reader.parse("{\"data\":" + nested(kJsonDepthMax) + "}", shape).has_value());
  EXPECT_EQ(error_of("{\"data\":" + nested(kJsonDepthMax + 1) + "}", shape), JsonError::too_deep);
  const JsonShape all{.open_levels = 1000};
  EXPECT_TRUE(reader.parse(nested(kJsonDepthMax), all).has_value());
  EXPECT_EQ(error_of(nested(kJsonDepthMax + 1), all), JsonError::too_deep);
}

TEST(JsonReaderTest, TooLongATextIsNotLookedAt) {
  JsonReader reader;
  const std::string longest(kJsonTextBytesMax, '1');
  EXPECT_TRUE(reader.is_valid(longest));
  EXPECT_EQ(error_of(longest + "1"), JsonError::too_long);
}

TEST(JsonReaderTest, MembersOfOpenedObjectsComeInOrder) {
  JsonReader reader;
  const auto root = reader.parse(R"({"b":1,"a":{"c":[1,2]},"d":"x"})");
  ASSERT_TRUE(root.has_value());
  std::vector<std::string> names;
  for (const JsonNode member : *root) names.emplace_back(member.name());
  EXPECT_EQ(names, (std::vector<std::string>{"b", "a", "d"}));
  EXPECT_EQ(root->size(), 3u);
  EXPECT_EQ(root->find("a").raw(), R"({"c":[1,2]})");
  EXPECT_TRUE(root->find("a").is_object());
  EXPECT_FALSE(root->find("e"));
  EXPECT_EQ(root->find("e").type(), JsonType::absent);
}

TEST(JsonReaderTest, ContainersBelowTheOpenLevelsStayClosed) {
  JsonReader reader;
  const auto root = reader.parse(R"({"a":{"b":{"c":1}}})", {.open_levels = 2});
  ASSERT_TRUE(root.has_value());
  const JsonNode b = root->find("a").find("b");
  EXPECT_TRUE(b.is_object());
  EXPECT_EQ(b.raw(), R"({"c":1})");
  EXPECT_EQ(b.size(), 0u);
  EXPECT_FALSE(b.is_opened());
  EXPECT_TRUE(root->find("a").is_opened());
  EXPECT_EQ(reader.parse("[[1]]", {.open_levels = 0})->size(), 0u);
}

TEST(JsonReaderTest, ClosedMembersArePayloadsOfAnySize) {
  JsonReader reader;
  std::string big = "[0";
  for (int i = 0; i < 10000; ++i) big += ",0";
  big += "]";
  const JsonShape shape{.open_levels = 3, .closed_member = "data", .nodes_max = 8};
  const auto root = reader.parse(R"({"channel":"x","data":)" + big + "}", shape);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->find("data").raw(), big);
  EXPECT_EQ(root->find("data").size(), 0u);
}

TEST(JsonReaderTest, NodesAreCountedUpToTheirLimit) {
  JsonReader reader;
  const JsonShape shape{.open_levels = 2, .nodes_max = 4};
  EXPECT_TRUE(reader.parse("[1,[2,3]]", shape).has_value());
  EXPECT_EQ(error_of("[1,[2,3,4]]", shape), JsonError::too_many_nodes);
}

TEST(JsonReaderTest, NameThatComesTwiceInAnOpenedObjectIsRefused) {
  EXPECT_EQ(error_of(R"({"a":1,"b":2,"a":1})"), JsonError::duplicate_member);
  EXPECT_EQ(error_of(R"({"a":1,"\u0061":2})"), JsonError::duplicate_member);
  EXPECT_EQ(error_of(R"({"x":{"a":1,"a":2}})", {.open_levels = 2}), JsonError::duplicate_member);
  JsonReader reader;
  EXPECT_TRUE(reader.parse(R"({"x":{"a":1,"a":2},"a":1})").has_value());
}

TEST(JsonReaderTest, StringsAndNamesAreUnescaped) {
  JsonReader reader;
  const auto root =
      reader.parse(R"({"\u006eame":"\u00e9\ud83d\ude00\"\/\n","plain":"x","nul":"a\u0000b"})");
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->find("name").string(), "é😀\"/\n");
  EXPECT_EQ(root->find("plain").string(), "x");
  EXPECT_EQ(root->find("nul").string(), std::string_view("a\0b", 3));
  EXPECT_EQ(root->find("name").raw(), R"("\u00e9\ud83d\ude00\"\/\n")");
}

TEST(JsonReaderTest, ManyEscapedStringsEachKeepTheirText) {
  std::string text = "[";
  for (int i = 0; i < 500; ++i) text += (i ? ",\"\\u00e9" : "\"\\u00e9") + std::to_string(i) + "\"";
  JsonReader reader;
  const auto root = reader.parse(text + "]");
  ASSERT_TRUE(root.has_value());
  int i = 0;
  for (const JsonNode node : *root) EXPECT_EQ(node.string(), "é" + std::to_string(i++));
  EXPECT_EQ(i, 500);
}

TEST(JsonNodeTest, ValuesAreReadOnlyAsWhatTheyAre) {
  JsonReader reader;
  const auto root = reader.parse(R"({"s":"1","t":true,"f":false,"n":null,"i":7,"o":{},"a":[]})");
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->find("t").boolean(), true);
  EXPECT_EQ(root->find("f").boolean(), false);
  EXPECT_EQ(root->find("i").unsigned_integer(), 7u);
  EXPECT_EQ(root->find("s").integer(), std::nullopt);
  EXPECT_EQ(root->find("i").string(), std::nullopt);
  EXPECT_EQ(root->find("n").boolean(), std::nullopt);
  EXPECT_EQ(root->find("n").type(), JsonType::null);
  EXPECT_TRUE(root->find("n"));
  EXPECT_TRUE(root->find("a").is_array());
  EXPECT_EQ(root->find("a").find("x").type(), JsonType::absent);
  EXPECT_EQ(root->find("gone").string(), std::nullopt);
}

TEST(JsonNodeTest, IntegersArePlainDigitsInRange) {
  JsonReader reader;
  const auto root = reader.parse(
      "[18446744073709551615,18446744073709551616,-1,9223372036854775807,"
      "9223372036854775808,1.0,1e3,-9223372036854775808]");
  ASSERT_TRUE(root.has_value());
  std::vector<std::optional<std::uint64_t>> whole;
  std::vector<std::optional<std::int64_t>> with_sign;
  for (const JsonNode node : *root) {
    whole.push_back(node.unsigned_integer());
    with_sign.push_back(node.integer());
  }
  EXPECT_EQ(whole, (std::vector<std::optional<std::uint64_t>>{
                       18446744073709551615u, std::nullopt, std::nullopt, 9223372036854775807u,
                       9223372036854775808u, std::nullopt, std::nullopt, std::nullopt}));
  EXPECT_EQ(with_sign, (std::vector<std::optional<std::int64_t>>{
                           std::nullopt, std::nullopt, -1, INT64_MAX, std::nullopt, std::nullopt,
                           std::nullopt, INT64_MIN}));
}

TEST(JsonNodeTest, NumbersOutOfADoublesRangeAreNone) {
  JsonReader reader;
  const auto root = reader.parse("[1.5,1e3,1e400,-2]");
  std::vector<std::optional<double>> numbers;
  for (const JsonNode node : *root) numbers.push_back(node.number());
  EXPECT_EQ(numbers, (std::vector<std::optional<double>>{1.5, 1000.0, std::nullopt, -2.0}));
}

}  // namespace
}  // namespace usher::wire
