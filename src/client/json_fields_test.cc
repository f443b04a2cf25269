#include "client/json_fields.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace usher::client {
namespace {

const boost::json::object& fields() {
  static const boost::json::value value = boost::json::parse(
      R"({"n":1.5,"i":7,"neg":-7,"two":2.0,"big":18446744073709551615,"huge":1e30,"s":"x","b":true,"o":{},"a":[],"z":null})");
  return value.get_object();
}

TEST(JsonFieldsTest, AMemberOfAnotherTypeIsNotThere) {
  EXPECT_TRUE(object_field(fields(), "o") && array_field(fields(), "a"));
  EXPECT_FALSE(object_field(fields(), "a") || array_field(fields(), "o") ||
               object_field(fields(), "z"));
  EXPECT_EQ(string_field(fields(), "s"), "x");
  EXPECT_EQ(string_field(fields(), "n"), std::nullopt);
  EXPECT_EQ(bool_field(fields(), "b"), true);
  EXPECT_EQ(bool_field(fields(), "i"), std::nullopt);
  EXPECT_EQ(number_field(fields(), "n"), 1.5);
  EXPECT_EQ(number_field(fields(), "i"), 7.0);
  EXPECT_EQ(number_field(fields(), "s"), std::nullopt);
  EXPECT_EQ(number_field(fields(), "missing"), std::nullopt);
}

TEST(JsonFieldsTest, WholeNumbersAreWholeInEverySpelling) {
  EXPECT_EQ(whole_field(fields(), "i"), 7u);
  EXPECT_EQ(whole_field(fields(), "two"), 2u);
  EXPECT_EQ(whole_field(fields(), "big"), 18446744073709551615u);
  for (const char* name : {"n", "neg", "huge", "s", "z", "missing"}) {
    EXPECT_EQ(whole_field(fields(), name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace usher::client
