#include "redis/link/reply_reader.h"

#include <gtest/gtest.h>

namespace usher::redis {
namespace {

std::vector<Reply> all(ReplyReader& reader, std::string_view bytes) {
  std::vector<Reply> replies;
  reader.feed(bytes);
  while (auto reply = reader.next()) replies.push_back(std::move(*reply));
  return replies;
}

std::string nested(int arrays) {
  std::string text;
  for (int i = 0; i < arrays; ++i) text += "*1\r\n";
  return text + ":1\r\n";
}

constexpr std::string_view kEveryKind =
    "+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*3\r\n*2\r\n:1\r\n$0\r\n\r\n$1\r\nx\r\n"
    "*0\r\n";

std::vector<Reply> every_kind() {
  return {Reply::of(std::string("OK")),
          Reply::error("ERR no"),
          Reply::of(std::int64_t{-7}),
          Reply::of(std::string("a\r\n")),
          Reply::nil(),
          Reply::nil(),
          Reply::of(std::vector<Reply>{
              Reply::of(std::vector<Reply>{Reply::of(std::int64_t{1}), Reply::of(std::string())}),
              Reply::of(std::string("x")), Reply::of(std::vector<Reply>{})})};
}

TEST(ReplyReader, ReadsEveryKind) {
  ReplyReader reader;
  EXPECT_EQ(all(reader, kEveryKind), every_kind());
  EXPECT_FALSE(reader.is_broken());
}

TEST(ReplyReader, BytesMayComeOneByOne) {
  ReplyReader reader;
  std::vector<Reply> replies;
  for (const char c : kEveryKind) {
    for (Reply& reply : all(reader, std::string_view(&c, 1))) replies.push_back(std::move(reply));
  }
  EXPECT_EQ(replies, every_kind());
}

TEST(ReplyReader, WhatIsNoReplyBreaksIt) {
  for (const std::string_view text : {"HTTP/1.1 200 OK\r\n", "*-2\r\n", "$-5\r\n", ":1x\r\n"}) {
    ReplyReader reader;
    EXPECT_TRUE(all(reader, text).empty()) << text;
    EXPECT_TRUE(reader.is_broken()) << text;
    EXPECT_FALSE(reader.feed("+OK\r\n")) << text;
    EXPECT_FALSE(reader.next()) << text;
  }
}

TEST(ReplyReader, ArraysNestSevenDeepAndNoDeeper) {
  ReplyReader good;
  EXPECT_EQ(all(good, nested(7)).size(), 1u);
  ReplyReader bad;
  EXPECT_TRUE(all(bad, nested(9)).empty());
  EXPECT_TRUE(bad.is_broken());
}

TEST(ReplyReader, AnUnfinishedReplyMayHoldExactlyItsBytes) {
  const std::string half = "$100\r\n" + std::string(44, 'x');  // 50 bytes
  ReplyReader good({.bytes_max = 50});
  EXPECT_TRUE(all(good, half).empty());
  EXPECT_FALSE(good.is_broken());
  EXPECT_TRUE(all(good, "x").empty());
  EXPECT_TRUE(good.is_broken());
}

TEST(ReplyReader, ThePartsOfAnArrayCountTogetherAndCompleteRepliesDoNot) {
  ReplyReader reader({.bytes_max = 30});
  EXPECT_EQ(all(reader, "$20\r\n" + std::string(20, 'x') + "\r\n").size(), 1u);
  EXPECT_EQ(all(reader, "$20\r\n" + std::string(20, 'x') + "\r\n").size(), 1u);
  EXPECT_TRUE(all(reader, "*9\r\n$5\r\nxxxxx\r\n$5\r\nxxxxx\r\n").empty());  // 26
  EXPECT_FALSE(reader.is_broken());
  EXPECT_TRUE(all(reader, "$5\r\nx").empty());
  EXPECT_TRUE(reader.is_broken());
}

TEST(ReplyReader, AReplyMayHoldExactlyItsValues) {
  ReplyReader reader({.values_max = 3});
  EXPECT_EQ(all(reader, "*2\r\n:1\r\n:2\r\n*2\r\n:1\r\n:2\r\n").size(), 2u);
  EXPECT_TRUE(all(reader, "*3\r\n:1\r\n:2\r\n:3\r\n").empty());
  EXPECT_TRUE(reader.is_broken());
}

TEST(ReplyReader, APromisedBillionCostsNothing) {
  ReplyReader reader;
  EXPECT_TRUE(all(reader, "*2147483647\r\n*2147483647\r\n$2147483647\r\n").empty());
  EXPECT_FALSE(reader.is_broken());
}

}  // namespace
}  // namespace usher::redis
