#include "http_client/call.h"

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "http_client/tls_trust.h"
#include "support/fake_gateway.h"

namespace usher::http_client {
namespace {

using test::FakeGateway;

class CallTest : public testing::Test {
 protected:
  Answer post(const std::string& url, std::optional<std::string> bearer = {},
              std::string body = {}) {
    std::optional<Answer> got;
    Request request{.endpoint = *parse_url(url),
                    .fields = {{"Origin", "https://app.example"}},
                    .body = std::move(body),
                    .timeout = timeout};
    if (bearer) request.fields.emplace_back("Authorization", "Bearer " + *bearer);
    start_call(io.get_executor(), make_tls_trust(""), std::move(request),
               [&](Answer answer) { got = std::move(answer); });
    io.restart();
    io.run();
    EXPECT_TRUE(got);
    return got.value_or(Answer{});
  }

  boost::asio::io_context io;
  FakeGateway gateway;
  std::optional<Duration> timeout;
};

TEST_F(CallTest, SendsWhatItIsGivenAndReadsTheAnswer) {
  gateway.start();
  const Answer answer = post(gateway.url() + "/auth/ticket", "a.b.c", "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("\"ticket\""), std::string::npos);
  const auto requests = gateway.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].target, "/auth/ticket");
  EXPECT_EQ(requests[0].fields.at("authorization"), "Bearer a.b.c");
  EXPECT_EQ(requests[0].fields.at("origin"), "https://app.example");
  EXPECT_EQ("http://" + requests[0].fields.at("host"), gateway.url());
  EXPECT_EQ(requests[0].body, "{}");
}

TEST_F(CallTest, AnEmptyBodyHasALength) {
  gateway.start();
  post(gateway.url() + "/auth/token");
  ASSERT_EQ(gateway.requests().size(), 1u);
  EXPECT_EQ(gateway.requests()[0].fields["content-length"], "0");
  EXPECT_EQ(gateway.requests()[0].fields.count("authorization"), 0u);
}

TEST_F(CallTest, ARedirectIsAnAnswerAndNotFollowed) {
  gateway.on_http = [this](const auto&) -> test::FakeAnswer {
    return {302, "", {{"Location", gateway.url() + "/elsewhere"}}};
  };
  gateway.start();
  EXPECT_EQ(post(gateway.url() + "/auth/ticket", "a.b.c").status, 302);
  EXPECT_EQ(gateway.requests().size(), 1u);
}

TEST_F(CallTest, RetryAfterIsHandedOnAsItCame) {
  gateway.on_http = [](const auto&) -> test::FakeAnswer {
    return {503, "{}", {{"Retry-After", "  soon "}}};
  };
  EXPECT_EQ(post(gateway.start().url()).retry_after, "soon");
}

TEST_F(CallTest, ABodyOverTheBoundCountsAsEmptyAndKeepsItsStatus) {
  std::size_t size = Request().answer_bytes_max;
  gateway.on_http = [&](const auto&) -> test::FakeAnswer { return {200, std::string(size, 'x')}; };
  gateway.start();
  EXPECT_EQ(post(gateway.url()).body.size(), size);
  ++size;
  const Answer answer = post(gateway.url());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.detail, "reading: body limit exceeded");
}

TEST_F(CallTest, NobodyThereIsNoStatusAndSaysWhy) {
  const Answer answer = post("http://127.0.0.1:1/");
  EXPECT_EQ(answer.status, std::nullopt);
  EXPECT_EQ(answer.detail, "connecting to 127.0.0.1:1: Connection refused");
}

TEST_F(CallTest, AGetHasNoBodyAndSaysWhatItIsTold) {
  gateway.start();
  std::optional<Answer> got;
  start_call(io.get_executor(), nullptr,
             {.method = Method::get,
              .endpoint = *parse_url(gateway.url() + "/jwks.json"),
              .fields = {{"Accept", "application/json"}}},
             [&](Answer answer) { got = std::move(answer); });
  io.run();
  ASSERT_TRUE(got);
  ASSERT_EQ(gateway.requests().size(), 1u);
  EXPECT_EQ(gateway.requests()[0].method, "GET");
  EXPECT_EQ(gateway.requests()[0].target, "/jwks.json");
  EXPECT_EQ(gateway.requests()[0].fields["accept"], "application/json");
  EXPECT_EQ(gateway.requests()[0].fields.count("content-length"), 0u);
}

// A listener that accepts, and never answers.
TEST_F(CallTest, WhoDoesNotAnswerInTimeIsGivenUp) {
  boost::asio::ip::tcp::acceptor silent(
      io, {boost::asio::ip::address_v4::loopback(), boost::asio::ip::port_type(0)});
  timeout = std::chrono::milliseconds(20);
  const Answer answer =
      post("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/");
  EXPECT_EQ(answer.status, std::nullopt);
  EXPECT_EQ(answer.detail, "no answer in time");
  EXPECT_TRUE(answer.late);
}

TEST_F(CallTest, ACancelledCallIsNotAnswered) {
  gateway.start();
  bool answered = false;
  const auto call = start_call(io.get_executor(), nullptr, {.endpoint = *parse_url(gateway.url())},
                               [&](const Answer&) { answered = true; });
  call->cancel();
  io.run();
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace usher::http_client
