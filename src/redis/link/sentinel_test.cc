#include "redis/link/sentinel.h"

#include <gtest/gtest.h>

namespace usher::redis {
namespace {

Reply texts(std::vector<std::string> words) {
  std::vector<Reply> items;
  for (std::string& word : words) items.push_back(Reply::of(std::move(word)));
  return Reply::of(std::move(items));
}

TEST(Sentinel, TellsHostAndPort) {
  const auto found = master_address(texts({"10.0.0.1", "6379"}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->host, "10.0.0.1");
  EXPECT_EQ(found->port, "6379");
}

TEST(Sentinel, WhatIsNoAddressIsNothing) {
  EXPECT_FALSE(master_address(Reply::nil()));
  EXPECT_FALSE(master_address(Reply::error("ERR no")));
  EXPECT_FALSE(master_address(texts({"h"})));
  EXPECT_FALSE(master_address(texts({"", "1"})));
  EXPECT_FALSE(master_address(texts({"h", "0"})));
  EXPECT_FALSE(master_address(texts({"h", "65536"})));
  EXPECT_FALSE(master_address(texts({"h", "1x"})));
}

}  // namespace
}  // namespace usher::redis
