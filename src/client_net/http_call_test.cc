#include "client_net/http_call.h"

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "client_net/tls_trust.h"
#include "support/fake_gateway.h"

namespace usher::client_net {
namespace {

using test::FakeGateway;

class HttpCallTest : public testing::Test {
 protected:
  HttpAnswer post(const std::string& url, std::optional<std::string> bearer = {},
                  std::string body = {}) {
    std::optional<HttpAnswer> got;
    start_post(io.get_executor(), make_tls_trust(""),
               {.endpoint = *parse_url(url),
                .bearer = std::move(bearer),
                .origin = "https://app.example",
                .body = std::move(body)},
               [&](HttpAnswer answer) { got = std::move(answer); });
    io.restart();
    io.run();
    EXPECT_TRUE(got);
    return got.value_or(HttpAnswer{});
  }

  boost::asio::io_context io;
  FakeGateway gateway;
};

TEST_F(HttpCallTest, SendsWhatItIsGivenAndReadsTheAnswer) {
  gateway.start();
  const HttpAnswer answer = post(gateway.url() + "/auth/ticket", "a.b.c", "{}");
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

TEST_F(HttpCallTest, AnEmptyBodyHasALength) {
  gateway.start();
  post(gateway.url() + "/auth/token");
  ASSERT_EQ(gateway.requests().size(), 1u);
  EXPECT_EQ(gateway.requests()[0].fields["content-length"], "0");
  EXPECT_EQ(gateway.requests()[0].fields.count("authorization"), 0u);
}

TEST_F(HttpCallTest, ARedirectIsAnAnswerAndNotFollowed) {
  gateway.on_http = [this](const auto&) -> test::FakeAnswer {
    return {302, "", {{"Location", gateway.url() + "/elsewhere"}}};
  };
  gateway.start();
  EXPECT_EQ(post(gateway.url() + "/auth/ticket", "a.b.c").status, 302);
  EXPECT_EQ(gateway.requests().size(), 1u);
}

TEST_F(HttpCallTest, RetryAfterIsHandedOnAsItCame) {
  gateway.on_http = [](const auto&) -> test::FakeAnswer {
    return {503, "{}", {{"Retry-After", "  soon "}}};
  };
  EXPECT_EQ(post(gateway.start().url()).retry_after, "soon");
}

TEST_F(HttpCallTest, ABodyOverTheBoundCountsAsEmptyAndKeepsItsStatus) {
  std::size_t size = HttpCall::kAnswerBytesMax;
  gateway.on_http = [&](const auto&) -> test::FakeAnswer { return {200, std::string(size, 'x')}; };
  gateway.start();
  EXPECT_EQ(post(gateway.url()).body.size(), size);
  ++size;
  const HttpAnswer answer = post(gateway.url());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttpCallTest, NobodyThereIsNoStatusAndSaysWhy) {
  const HttpAnswer answer = post("http://127.0.0.1:1/");
  EXPECT_EQ(answer.status, std::nullopt);
  EXPECT_EQ(answer.detail, "connecting: Connection refused");
}

TEST_F(HttpCallTest, ACancelledCallIsNotAnswered) {
  gateway.start();
  bool answered = false;
  const auto call =
      start_post(io.get_executor(), make_tls_trust(""),
                 {.endpoint = *parse_url(gateway.url()), .bearer = {}, .origin = {}, .body = {}},
                 [&](const HttpAnswer&) { answered = true; });
  call->cancel();
  io.run();
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace usher::client_net
