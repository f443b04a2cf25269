#include "wire/json_writer.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

TEST(JsonWriterTest, EmptyMembersAreLeftOutByTheFirstFourFunctions) {
  std::string out;
  JsonObjectWriter object(out);
  object.text("a", "");
  object.flag("b", false);
  object.count("c", 0);
  object.raw("d", "");
  object.text("e", "x");
  object.flag("f", true);
  object.count("g", 7);
  object.raw("h", "[1]");
  object.end();
  EXPECT_EQ(out, R"({"e":"x","f":true,"g":7,"h":[1]})");
}

TEST(JsonWriterTest, EmptyMembersAreWrittenByTheOthers) {
  std::string out;
  JsonObjectWriter object(out);
  object.string("a", "");
  object.number("b", 0);
  object.number("c", std::int64_t{-1});
  object.boolean("d", false);
  object.end();
  EXPECT_EQ(out, R"({"a":"","b":0,"c":-1,"d":false})");
}

TEST(JsonWriterTest, StringsAreEscaped) {
  std::string out;
  JsonObjectWriter object(out);
  object.string("a", "\"\n");
  object.end();
  EXPECT_EQ(out, R"({"a":"\"\n"})");
}

TEST(JsonWriterTest, AnArrayHasCommasBetweenItsElementsAlone) {
  std::string out;
  JsonArrayWriter(out).end();
  JsonArrayWriter array(out);
  array.element() += "1";
  array.element() += "2";
  array.end();
  EXPECT_EQ(out, "[][1,2]");
}

}  // namespace
}  // namespace usher::wire
