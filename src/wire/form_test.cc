#include "wire/form.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

TEST(Form, GivesNamesAndValuesInTheirOrder) {
  const FormFields expected{
      {"logout_token", "a.b.c"}, {"x y", "1+1=2"}, {"empty", ""}, {"bare", ""}};
  EXPECT_EQ(read_form("logout_token=a.b.c&x+y=1%2b1%3D2&empty=&bare", 8), expected);
  EXPECT_EQ(read_form("", 8), FormFields());
  EXPECT_EQ(read_form("&&a=b&", 8), (FormFields{{"a", "b"}}));
  EXPECT_EQ(read_form("user=%C3%A4", 8), (FormFields{{"user", "ä"}}));
  EXPECT_EQ(read_form("=v", 8), (FormFields{{"", "v"}}));
}

TEST(Form, RefusesWhatItWouldHaveToGuess) {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "%g1=a", "a=%00", "a=%ff", "a=\xff"}) {
    EXPECT_FALSE(read_form(text, 8)) << text;
  }
}

TEST(Form, HasSoManyFieldsAtMost) {
  EXPECT_TRUE(read_form("a=1&b=2", 2));
  EXPECT_FALSE(read_form("a=1&b=2&c=3", 2));
}

TEST(Form, AFieldThatComesTwiceIsNotTheOnlyOne) {
  const FormFields fields{{"a", "1"}, {"b", "2"}, {"a", "1"}};
  EXPECT_EQ(only_field(fields, "b"), "2");
  EXPECT_EQ(only_field(fields, "a"), std::nullopt);
  EXPECT_EQ(only_field(fields, "c"), std::nullopt);
}

}  // namespace
}  // namespace usher::wire
