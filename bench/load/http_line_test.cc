#include "bench/load/http_line.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

constexpr std::string_view kWhole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";

TEST(HttpAnswer, StatusHeadBodyAndLength) {
  const std::string text = std::string(kWhole) + "HTTP/1.1 201";
  const auto read = read_http_answer(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->answer.status, 200);
  EXPECT_EQ(read->answer.body, "hello");
  EXPECT_EQ(read->bytes, kWhole.size());
}

TEST(HttpAnswer, IncompleteUntilItsLastByte) {
  for (std::size_t i = 0; i < kWhole.size(); ++i) {
    EXPECT_FALSE(read_http_answer(kWhole.substr(0, i))) << i;
  }
}

TEST(HttpAnswer, NamesOfFieldsHaveAnyCase) {
  const auto read = read_http_answer("HTTP/1.1 404 Not Found\r\ncontent-LENGTH:2\r\n\r\nno");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->answer.status, 404);
  EXPECT_EQ(read->answer.body, "no");
}

TEST(HttpAnswer, AnUpgradeHasNoBody) {
  const auto read = read_http_answer("HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n\x81\x02{}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->answer.status, 101);
  EXPECT_EQ(read->answer.body, "");
}

TEST(HttpAnswer, WhatItCanNotReadHasNoStatusAndSaysWhy) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"}) {
    const auto read = read_http_answer(bytes);
    ASSERT_TRUE(read) << bytes;
    EXPECT_EQ(read->answer.status, 0) << bytes;
    EXPECT_NE(read->answer.body, "") << bytes;
  }
  const std::string endless(HttpLine::kAnswerBytesMax, 'x');
  const auto read = read_http_answer(endless);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->answer.status, 0);
}

}  // namespace
}  // namespace usher::bench
