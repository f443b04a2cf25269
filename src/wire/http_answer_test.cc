#include "wire/http_answer.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

using State = HttpAnswerReader::State;

constexpr std::string_view kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: abc\r\nX-Twice: a\r\nx-twice: b\r\n\r\n";

TEST(HttpAnswer, ReadsTheHeadAndLeavesTheRest) {
  HttpAnswerReader reader;
  ASSERT_EQ(reader.read(std::string(kSwitching) + "\x81\x02hi"), State::complete);
  EXPECT_EQ(reader.answer().status, 101);
  EXPECT_EQ(reader.answer().find("sec-websocket-accept"), "abc");
  EXPECT_EQ(reader.answer().find("X-TWICE"), "a, b");
  EXPECT_EQ(reader.answer().find("x-none"), std::nullopt);
  EXPECT_EQ(reader.rest(), "\x81\x02hi");
}

TEST(HttpAnswer, ReadsAHeadThatComesByteByByte) {
  HttpAnswerReader reader;
  for (std::size_t i = 0; i + 1 < kSwitching.size(); ++i) {
    ASSERT_EQ(reader.read(kSwitching.substr(i, 1)), State::need_more) << i;
  }
  EXPECT_EQ(reader.read("\n"), State::complete);
  EXPECT_EQ(reader.answer().status, 101);
  EXPECT_EQ(reader.rest(), "");
}

TEST(HttpAnswer, PassesOverInterimAnswers) {
  HttpAnswerReader reader;
  EXPECT_EQ(reader.read("HTTP/1.1 100 Continue\r\n\r\n"), State::need_more);
  EXPECT_EQ(reader.read("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + std::string(kSwitching)),
            State::complete);
  EXPECT_EQ(reader.answer().status, 101);
  EXPECT_EQ(reader.answer().find("link"), std::nullopt);
}

TEST(HttpAnswer, NeedsNoBodyOfARefusal) {
  HttpAnswerReader reader;
  ASSERT_EQ(reader.read("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\nRetry-After: 7\r\n\r\n"),
            State::complete);
  EXPECT_EQ(reader.answer().status, 503);
  EXPECT_EQ(reader.answer().find("retry-after"), "7");
  HttpAnswerReader chunked;
  EXPECT_EQ(chunked.read("HTTP/1.0 404 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello"),
            State::complete);
}

TEST(HttpAnswer, RefusesWhatIsNoHttp) {
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n"), std::string("HTTP/1.1 abc\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
        std::string("HTTP/3.0 200 OK\r\n\r\n")}) {
    HttpAnswerReader reader;
    EXPECT_EQ(reader.read(bytes), State::malformed) << bytes;
    EXPECT_NE(reader.what(), "") << bytes;
  }
}

TEST(HttpAnswer, RefusesAHeadOverItsLimit) {
  const std::string start = "HTTP/1.1 101 S\r\nX: ";
  HttpAnswerReader fits;
  EXPECT_EQ(fits.read(start + std::string(kAnswerHeadBytesMax - 100, 'x') + "\r\n\r\n"),
            State::complete);
  HttpAnswerReader whole;
  EXPECT_EQ(whole.read(start + std::string(kAnswerHeadBytesMax, 'x') + "\r\n\r\n"),
            State::malformed);
  EXPECT_EQ(whole.what(), "the head of its answer is too long");
  HttpAnswerReader dripping;
  ASSERT_EQ(dripping.read("HTTP/1.1 101 S\r\n"), State::need_more);
  State state = State::need_more;
  std::size_t sent = 0;
  for (; sent < 4 * kAnswerHeadBytesMax && state == State::need_more; sent += 6) {
    state = dripping.read("X: y\r\n");
  }
  EXPECT_EQ(state, State::malformed);
  EXPECT_LE(sent, kAnswerHeadBytesMax + 100);
}

TEST(HttpAnswer, RefusesEndlessInterimAnswersOnlyOneByOne) {
  HttpAnswerReader reader;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(reader.read("HTTP/1.1 100 Continue\r\n\r\n"), State::need_more);
  }
  EXPECT_EQ(reader.read(kSwitching), State::complete);
}

}  // namespace
}  // namespace usher::wire
