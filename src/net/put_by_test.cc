#include "net/put_by.h"

#include <gtest/gtest.h>

#include <string>

namespace usher::net {
namespace {

std::string text_of(std::span<const char> bytes) { return {bytes.begin(), bytes.end()}; }

TEST(PutByTest, IsUsedUpFromTheFrontAndIsOnePointerWhenEmpty) {
  PutBy put_by;
  EXPECT_TRUE(put_by.empty());
  EXPECT_TRUE(put_by.bytes().empty());
  put_by.append({});
  EXPECT_TRUE(put_by.empty());
  put_by.append(std::string("hello "));
  put_by.append(std::string("world"));
  EXPECT_EQ(text_of(put_by.bytes()), "hello world");
  put_by.keep_last(5);
  EXPECT_EQ(text_of(put_by.bytes()), "world");
  EXPECT_EQ(put_by.size(), 5u);
  put_by.append(std::string("!"));
  EXPECT_EQ(text_of(put_by.bytes()), "world!");
  put_by.keep_last(0);
  EXPECT_TRUE(put_by.empty());
  static_assert(sizeof(PutBy) == sizeof(void*));
}

// Unmasking changes them in place, and simdjson reads past their end.
TEST(PutByTest, BytesMayBeChangedAndTheSpareOnesBehindThemRead) {
  PutBy put_by;
  put_by.append(std::string(100, 'a'));
  const std::span<char> bytes = put_by.bytes();
  bytes[0] = 'b';
  EXPECT_EQ(put_by.bytes()[0], 'b');
  const volatile char* const spare = bytes.data() + bytes.size();
  for (std::size_t i = 0; i < wire::kSpareBytes; ++i) static_cast<void>(spare[i]);
}

// A peer whose reads always end inside a request.
TEST(PutByTest, WhatHasBeenUsedUpOccupiesNothingOnceMoreComes) {
  PutBy put_by;
  for (int i = 0; i < 1000; ++i) {
    put_by.append(std::string(1000, 'x'));
    put_by.keep_last(10);
  }
  EXPECT_EQ(put_by.size(), 10u);
  EXPECT_LT(put_by.capacity(), 8000u);
}

}  // namespace
}  // namespace usher::net
