#include "redis/link/command.h"

#include <gtest/gtest.h>

#include <vector>

namespace usher::redis {
namespace {

TEST(Command, IsAnArrayOfBulkStrings) {
  std::string out = "before";
  write_command(out, {"SET", "k", ""});
  EXPECT_EQ(out, "before*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
}

TEST(Command, WordsMayHoldAnyBytes) {
  std::string out;
  write_command(out, std::vector<std::string>{std::string("\r\n\0*", 4)});
  EXPECT_EQ(out, std::string("*1\r\n$4\r\n\r\n\0*\r\n", 14));
}

}  // namespace
}  // namespace usher::redis
