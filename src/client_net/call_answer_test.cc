#include "client_net/call_answer.h"

#include <gtest/gtest.h>

namespace usher::client_net {
namespace {

using client::HttpFailure;

HttpAnswer answer(int status, std::string body) {
  return {.status = status, .body = std::move(body), .retry_after = {}, .detail = {}};
}

HttpFailure ticket_failure(const HttpAnswer& from) {
  const auto read = read_ticket_answer(from);
  EXPECT_TRUE(std::holds_alternative<HttpFailure>(read)) << from.body;
  return std::holds_alternative<HttpFailure>(read) ? std::get<HttpFailure>(read) : HttpFailure{};
}

TEST(CallAnswerTest, ReadsATicketAndAToken) {
  const auto ticket =
      read_ticket_answer(answer(200, R"({"ticket":"00ff","expires_in":30,"more":[]})"));
  ASSERT_TRUE(std::holds_alternative<IssuedTicket>(ticket));
  EXPECT_EQ(std::get<IssuedTicket>(ticket).ticket, "00ff");
  EXPECT_EQ(std::get<IssuedTicket>(ticket).life, std::chrono::seconds(30));
  const auto token =
      read_token_answer(answer(200, R"({"token":"a.b.c","session_id":"s","expires_in":86400})"));
  ASSERT_TRUE(std::holds_alternative<GuestToken>(token));
  EXPECT_EQ(std::get<GuestToken>(token).token, "a.b.c");
}

TEST(CallAnswerTest, AMalformedSuccessIsAFailureWithItsStatus) {
  for (const char* body : {"", "[]", "{", "<html>", R"({"ticket":"","expires_in":30})",
                           R"({"ticket":"a b","expires_in":30})", R"({"ticket":7,"expires_in":30})",
                           R"({"ticket":"a"})", R"({"ticket":"a","expires_in":0})",
                           R"({"ticket":"a","expires_in":"30"})"}) {
    EXPECT_EQ(ticket_failure(answer(200, body)).status, 200) << body;
  }
}

TEST(CallAnswerTest, AProblemGivesItsWordsAndAProxysPageNone) {
  HttpAnswer refusal = answer(503, R"({"code":"OVERLOADED","retry_after_ms":1500,"place":true})");
  refusal.retry_after = "2";
  const HttpFailure failure = ticket_failure(refusal);
  EXPECT_EQ(failure.code, "OVERLOADED");
  EXPECT_EQ(failure.retry_after_ms, 1500);
  EXPECT_EQ(failure.retry_after, "2");
  EXPECT_TRUE(failure.place);
  EXPECT_EQ(ticket_failure(answer(404, "<html>")).code, "");
  EXPECT_EQ(ticket_failure(answer(404, R"({"code":404})")).code, "");
}

TEST(CallAnswerTest, NoAnswerHasNoStatus) { EXPECT_EQ(ticket_failure({}).status, std::nullopt); }

TEST(CallAnswerTest, ARefusalsBodyIsNeverASuccess) {
  EXPECT_EQ(ticket_failure(answer(302, R"({"ticket":"00ff","expires_in":30})")).status, 302);
}

TEST(CallAnswerTest, ALongCodeIsCut) {
  EXPECT_EQ(
      ticket_failure(answer(400, "{\"code\":\"" + std::string(1000, 'x') + "\"}")).code.size(),
      128u);
}

TEST(CallAnswerTest, ATokenCannotForgeAHeader) {
  EXPECT_TRUE(is_bearer("eyJ.a-b_c~+/="));
  EXPECT_TRUE(is_bearer(std::string(16 << 10, 'x')));
  EXPECT_FALSE(is_bearer(std::string((16 << 10) + 1, 'x')));
  for (const char* token : {"", "a b", "a\r\nX: y", "a\x7F", "\xC3\xA9"})
    EXPECT_FALSE(is_bearer(token)) << token;
  EXPECT_TRUE(std::holds_alternative<HttpFailure>(
      read_token_answer(answer(200, R"({"token":"a\r\nX: y","expires_in":1})"))));
}

}  // namespace
}  // namespace usher::client_net
