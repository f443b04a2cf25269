#include "redis/link/reply.h"

#include <gtest/gtest.h>

namespace usher::redis {
namespace {

TEST(Reply, AnErrorsCodeIsItsFirstWord) {
  EXPECT_EQ(Reply::error("OOM command not allowed").error_code(), "OOM");
  EXPECT_EQ(Reply::error("BUSY").error_code(), "BUSY");
  EXPECT_EQ(Reply::error("").error_code(), "");
}

TEST(Reply, TextIsNoError) { EXPECT_EQ(Reply::of(std::string("OOM x")).error_code(), ""); }

}  // namespace
}  // namespace usher::redis
