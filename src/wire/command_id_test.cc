#include "wire/command_id.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

TEST(CommandIdTest, IdIsFoundBeforeAndBehindTheDamage) {
  EXPECT_EQ(find_command_id(R"({"id":1,"publish":{"data":{"x":tru, 1 2}}})"), 1u);
  EXPECT_EQ(find_command_id(R"({"publish":{"data":[1,,2]}, "id" : 4294967295 })"), 4294967295u);
  EXPECT_EQ(find_command_id("{\"id\":7,\"publish\":{\"data\":\"a\tb"), 7u);
  EXPECT_EQ(find_command_id(R"({"id":8,)"), 8u);
  EXPECT_EQ(find_command_id(R"({"x":"id","y":"\"id\":9","id":10} more)"), 10u);
}

TEST(CommandIdTest, WhatIsNoIdOfTheCommandIsNotTaken) {
  for (const char* line :
       {"", "  ", "{", R"({"id")", R"({"id":)", R"({"id":1)", R"({"id":"1",)", R"({"id":1.5,)",
        R"({"id":-1,)", R"({"id":4294967296,)", R"({"publish":{"id":1},)", R"(["id":1,)",
        R"("id":1,)", R"({"id":0,)", R"({"a":"\"id\":1,)", R"({"ID":1,)", R"({"id":1x})",
        R"({"\u0069d":1,)"}) {
    EXPECT_EQ(find_command_id(line), 0u) << line;
  }
}

TEST(CommandIdTest, TwoIdsAreNone) {
  EXPECT_EQ(find_command_id(R"({"id":1,"id":2,"ping":{}})"), 0u);
}

}  // namespace
}  // namespace usher::wire
