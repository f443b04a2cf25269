#include "wire/http_parser.h"

#include <gtest/gtest.h>

namespace usher::wire {
namespace {

using State = HttpParser::State;

constexpr std::size_t kBodyMax = 100;

class HttpParserTest : public testing::Test {
 protected:
  // Feeds `bytes` in pieces of `step`, each time from another place in memory.
  State feed(std::string_view bytes, std::size_t step) {
    State state = State::need_more;
    for (std::size_t come = 0; state == State::need_more && come < bytes.size();) {
      come = std::min(bytes.size(), come + step);
      buffers.push_back(std::make_unique<std::string>(bytes.substr(0, come)));
      state = parser.parse(*buffers.back());
    }
    return state;
  }

  HttpRefusal refusal(std::string_view bytes) {
    HttpParser fresh([](const HttpRequest&) { return kBodyMax; });
    EXPECT_EQ(fresh.parse(bytes), State::refused) << bytes;
    return fresh.refusal();
  }

  HttpParser parser{[](const HttpRequest&) { return kBodyMax; }};
  std::vector<std::unique_ptr<std::string>> buffers;
};

constexpr std::string_view kUpgrade =
    "GET /ws?ticket=abc HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: "
    "Upgrade\r\n"
    "X-Empty:\r\nX-Spaced: \t a b \t\r\n\r\n";

TEST_F(HttpParserTest, RequestIsTheSameWhateverPiecesItComesIn) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, kUpgrade.size()}) {
    ASSERT_EQ(feed(kUpgrade, step), State::complete);
    const HttpRequest& request = parser.request();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/ws?ticket=abc");
    EXPECT_EQ(request.minor_version, 1);
    EXPECT_TRUE(request.keep_alive);
    EXPECT_EQ(request.find("host"), "a.example");
    EXPECT_EQ(request.find("x-empty"), "");
    EXPECT_EQ(request.find("x-spaced"), "a b");
    EXPECT_EQ(request.fields.size(), 5u);
    EXPECT_EQ(request.body, "");
    EXPECT_EQ(parser.consumed(), kUpgrade.size());
  }
}

TEST_F(HttpParserTest, BodyOfAnnouncedLengthLiesInTheBuffer) {
  const std::string_view bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET";
  for (const std::size_t step : {1, 3, 1000}) {
    ASSERT_EQ(feed(bytes, step), State::complete);
    EXPECT_EQ(parser.request().body, "hello");
    EXPECT_EQ(parser.consumed(), bytes.size() - 3);
  }
}

TEST_F(HttpParserTest, ChunkedBodyIsPutTogether) {
  const std::string_view bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nhel\r\nA;name=\"v;a\"\r\nlo, world!\r\n00\r\n\r\nGET";
  for (const std::size_t step : {1, 2, 5, 1000}) {
    ASSERT_EQ(feed(bytes, step), State::complete) << step;
    EXPECT_EQ(parser.request().body, "hello, world!");
    EXPECT_EQ(parser.consumed(), bytes.size() - 3);
  }
}

TEST_F(HttpParserTest, PipelinedRequestsComeOneAfterTheOther) {
  const std::string first = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
  const std::string second =
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
  std::string bytes = first + second + std::string(kUpgrade);
  std::vector<std::string> seen;
  while (!bytes.empty()) {
    ASSERT_EQ(parser.parse(bytes), State::complete);
    seen.push_back(std::string(parser.request().target) + " " + std::string(parser.request().body));
    bytes.erase(0, parser.consumed());
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"/1 {}", "/2 x", "/ws?ticket=abc "}));
}

TEST_F(HttpParserTest, NothingOfARequestStaysForTheNext) {
  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: a\r\nX: 1\r\nContent-Length: 1\r\n\r\n1", 1000),
            State::complete);
  ASSERT_EQ(feed("GET / HTTP/1.0\r\n\r\n", 1000), State::complete);
  EXPECT_EQ(parser.request().fields.size(), 0u);
  EXPECT_EQ(parser.request().body, "");
  EXPECT_EQ(parser.request().minor_version, 0);
  ASSERT_EQ(feed("GET / HTTP/9.9\r\n\r\n", 1000), State::refused);
  EXPECT_EQ(parser.request().method, "");
}

TEST_F(HttpParserTest, KeepAliveIsWhatThePeerAskedFor) {
  const auto keeps = [this](std::string_view head) {
    EXPECT_EQ(feed(head, 1000), State::complete);
    return parser.request().keep_alive;
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_F(HttpParserTest, BodyAtTheLimitPassesAndOneByteMoreIsRefusedBeforeItIsRead) {
  const auto head = [](std::size_t length) {
    return "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  };
  EXPECT_EQ(feed(head(kBodyMax) + std::string(kBodyMax, 'x'), 1000), State::complete);
  EXPECT_EQ(feed(head(kBodyMax + 1), 1000), State::refused);
  EXPECT_EQ(parser.refusal(), HttpRefusal::body_too_large);
  EXPECT_EQ(parser.request().target, "/x");
  EXPECT_EQ(parser.request().find("host"), "a");
}

TEST_F(HttpParserTest, ChunkedBodyIsHeldToTheSameLimit) {
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(feed(head + "32\r\n" + std::string(50, 'x') + "\r\n32\r\n" + std::string(50, 'y') +
                     "\r\n0\r\n\r\n",
                 1000),
            State::complete);
  EXPECT_EQ(feed(head + "32\r\n" + std::string(50, 'x') + "\r\n33\r\n", 1000), State::refused);
  EXPECT_EQ(parser.refusal(), HttpRefusal::body_too_large);
  EXPECT_EQ(parser.request().target, "/x");
}

TEST_F(HttpParserTest, LimitMayDependOnTheHead) {
  HttpParser by_path([](const HttpRequest& head) {
    return head.path() == "/big" ? std::size_t{10} : std::size_t{0};
  });
  EXPECT_EQ(by_path.parse("POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
            State::complete);
  EXPECT_EQ(by_path.parse("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
            State::refused);
}

TEST_F(HttpParserTest, AbsoluteTargetNamesTheHostInPlaceOfHost) {
  const std::string_view bytes =
      "\r\nGET http://b.example:81/ws?ticket=1 HTTP/1.1\r\nX: 1\r\nhOst: a.example\r\n\r\nGET";
  for (const std::size_t step : {1, 7, 1000}) {
    ASSERT_EQ(feed(bytes, step), State::complete);
    EXPECT_EQ(parser.request().target, "/ws?ticket=1");
    EXPECT_EQ(parser.request().find("host"), "b.example:81");
    EXPECT_EQ(parser.request().fields.size(), 2u);
    EXPECT_EQ(parser.consumed(), bytes.size() - 3);
  }
  ASSERT_EQ(feed("GET http://b.example HTTP/1.0\r\n\r\n", 1000), State::complete);
  EXPECT_EQ(parser.request().path(), "/");
  EXPECT_EQ(parser.request().find("host"), "b.example");
  EXPECT_EQ(refusal("GET http://b/ HTTP/1.1\r\n\r\n"), HttpRefusal::malformed_host);
  EXPECT_EQ(refusal("GET http://b/ HTTP/1.1\r\nHost: b\r\nHost: b\r\n\r\n"),
            HttpRefusal::repeated_field);
}

TEST_F(HttpParserTest, LaterMinorVersionsAreReadAs11) {
  ASSERT_EQ(feed("POST / HTTP/1.7\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 1000),
            State::complete);
  EXPECT_EQ(parser.request().minor_version, 1);
  EXPECT_TRUE(parser.request().keep_alive);
  EXPECT_EQ(parser.request().body, "{}");
  EXPECT_EQ(parser.request().find("host"), "a");
}

TEST_F(HttpParserTest, ABodyThatIsNotWantedIsRefusedBeforeAByteOfIt) {
  HttpParser picky([](const HttpRequest& head) {
    return head.path() == "/yes" ? std::optional<std::size_t>(0) : std::nullopt;
  });
  EXPECT_EQ(picky.parse("POST /no HTTP/1.1\r\nHost: a\r\n\r\n"), State::complete);
  EXPECT_EQ(picky.parse("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
            State::complete);
  EXPECT_EQ(picky.parse("POST /yes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "0\r\n\r\n"),
            State::complete);
  for (const char* framing : {"Content-Length: 1", "Transfer-Encoding: chunked",
                              "Expect: 100-continue\r\nContent-Length: 1"}) {
    HttpParser refusing([](const HttpRequest&) { return std::optional<std::size_t>(); });
    const std::string head = "POST /no HTTP/1.1\r\nHost: a\r\n" + std::string(framing) + "\r\n\r\n";
    EXPECT_EQ(refusing.parse(head), State::refused);
    EXPECT_EQ(refusing.refusal(), HttpRefusal::body_unwanted);
    EXPECT_EQ(refusing.request().path(), "/no");
    EXPECT_FALSE(refusing.take_expects_continue());
  }
}

TEST_F(HttpParserTest, ARequestThatIsForgottenHoldsNothing) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n" +
      std::string(50, 'x') + "\r\n0\r\n\r\n";
  EXPECT_EQ(parser.parse(std::string_view(bytes).substr(0, bytes.size() - 1)), State::need_more);
  EXPECT_GE(parser.held_bytes(), 50u);
  ASSERT_EQ(parser.parse(bytes), State::complete);
  parser.forget_request();
  EXPECT_EQ(parser.held_bytes(), 0u);
  EXPECT_EQ(parser.parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), State::complete);
}

TEST_F(HttpParserTest, MalformedChunksAndTrailersAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(refusal(head + "x\r\n"), HttpRefusal::malformed_chunk);
  EXPECT_EQ(refusal(head + "1\r\nx\r\n0\r\nContent-Length: 5\r\n\r\n"),
            HttpRefusal::malformed_chunk);
}

TEST_F(HttpParserTest, ContinueIsWantedOnceAndOnlyWhileTheBodyIsAwaited) {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.parse(std::string_view(head).substr(0, head.size() - 1)), State::need_more);
  EXPECT_FALSE(parser.in_body());
  EXPECT_FALSE(parser.take_expects_continue());
  EXPECT_EQ(parser.parse(head), State::need_more);
  EXPECT_TRUE(parser.in_body());
  EXPECT_TRUE(parser.take_expects_continue());
  EXPECT_FALSE(parser.take_expects_continue());
  EXPECT_EQ(parser.parse(head + "{}"), State::complete);
  EXPECT_FALSE(parser.in_body());
  EXPECT_EQ(parser.parse(head + "{"), State::need_more);
  EXPECT_FALSE(parser.take_expects_continue());
}

TEST_F(HttpParserTest, RulesComeBeforeBeast) {
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nGET /smuggled"),
            HttpRefusal::malformed_coding);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"),
            HttpRefusal::malformed_field);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\nX: a\r\n\r\n"), HttpRefusal::malformed_line_end);
}

TEST_F(HttpParserTest, WhatOnlyBeastDislikesIsRefusedToo) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nConnection: (\r\n\r\n"),
            HttpRefusal::malformed_field);
}

}  // namespace
}  // namespace usher::wire
