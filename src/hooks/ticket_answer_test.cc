#include "hooks/ticket_answer.h"

#include <gtest/gtest.h>

namespace usher::hooks {
namespace {

using auth::Claims;
using Fault = TicketAnswerFault;

constexpr std::int64_t kNow = 1800000000;

class TicketAnswerTest : public testing::Test {
 protected:
  Result<TicketSaid, Fault> read(std::string_view body, int status = 200) {
    return read_ticket_answer(status, body, kNow, limits, json);
  }
  // Of a good answer with these members besides.
  Result<TicketSaid, Fault> read_with(const std::string& members) {
    return read(R"({"session":"s","expires_in":60,)" + members + "}");
  }
  Claims claims(std::string_view body) {
    const auto said = read(body);
    EXPECT_TRUE(said && std::holds_alternative<Claims>(*said)) << body;
    return said && std::holds_alternative<Claims>(*said) ? std::get<Claims>(*said) : Claims();
  }
  // "401 CODE message", or the fault's reason.
  std::string refusal(std::string_view body, int status = 200) {
    const auto said = read(body, status);
    if (!said) return std::string(reason_of(said.error()));
    const auto* refused = std::get_if<ticket::BackendRefusal>(&*said);
    if (refused == nullptr) return "granted";
    return std::to_string(refused->status) + " " + refused->code + " " + refused->message;
  }
  void expect_fault(const Result<TicketSaid, Fault>& said, Fault fault, const std::string& what) {
    ASSERT_FALSE(said) << what;
    EXPECT_EQ(said.error(), fault) << what << ": " << reason_of(said.error());
  }

  TicketAnswerLimits limits{
      .channels_per_token = 3, .info_bytes = 10, .claims = {"org", "plan"}, .claims_bytes_max = 30};
  wire::JsonReader json;
};

TEST_F(TicketAnswerTest, AGrantHasEverythingThatATokenCouldHave) {
  EXPECT_EQ(claims(R"({"session":"s","user":"ada","channels":["news:1","a*"],"info":{"n": 1},
                       "claims":{"org":"x"},"expires_in":3600})"),
            (Claims{.session = "s",
                    .user = "ada",
                    .exp = kNow + 3600,
                    .channels = {"news:1", "a*"},
                    .info = R"({"n": 1})",
                    .claims = R"({"org":"x"})"}));
  EXPECT_EQ(claims(R"({"session":"s","user":null,"channels":null,"info":null,"error":null,
                       "expires_in":1})"),
            (Claims{.session = "s", .exp = kNow + 1}));
}

TEST_F(TicketAnswerTest, WithoutASessionTheUserHasOne) {
  EXPECT_EQ(claims(R"({"user":"ada","expires_in":1})").session, "user:ada");
  EXPECT_EQ(claims(R"({"user":"ada","session":"","expires_in":1})").session, "user:ada");
  const std::string longest(250, 'u');
  EXPECT_EQ(claims(R"({"user":")" + longest + R"(","expires_in":1})").session, "user:" + longest);
  expect_fault(read(R"({"user":")" + longest + R"(u","expires_in":1})"), Fault::bad_name, "251");
  EXPECT_EQ(claims(R"({"session":"s","user":")" + longest + R"(uuuuu","expires_in":1})").session,
            "s");
  for (const char* nobody : {R"({"expires_in":1})", R"({"user":"","session":"","expires_in":1})",
                             R"({"user":null,"expires_in":1})"}) {
    expect_fault(read(nobody), Fault::no_name, nobody);
  }
}

TEST_F(TicketAnswerTest, NamesHaveTheBoundsOfATokens) {
  const std::string most(255, 'x');
  EXPECT_EQ(claims(R"({"session":")" + most + R"(","expires_in":1})").session, most);
  expect_fault(read(R"({"session":")" + most + R"(x","expires_in":1})"), Fault::bad_name, "256");
  for (const char* bad :
       {R"({"session":7,"expires_in":1})", R"({"session":"a\nb","expires_in":1})",
        R"({"session":"a\u0000","expires_in":1})", R"({"session":"s","user":["a"],"expires_in":1})",
        R"({"session":"s","user":"a\u007f","expires_in":1})"}) {
    expect_fault(read(bad), Fault::bad_name, bad);
  }
}

TEST_F(TicketAnswerTest, ChannelsAreNamesAndNotMoreThanATokenMayHave) {
  EXPECT_TRUE(read_with(R"("channels":["a","b","c"])"));
  for (const char* bad : {R"("channels":["a","b","c","d"])", R"("channels":"a")",
                          R"("channels":[""])", R"("channels":[1])", R"("channels":{"a":1})",
                          R"("channels":["a\n"])", R"("channels":[null])"}) {
    expect_fault(read_with(bad), Fault::bad_channels, bad);
  }
}

TEST_F(TicketAnswerTest, InfoIsAnyJsonUpToItsBound) {
  for (const char* info : {"1", "\"text\"", "[1,2,3,45]", "{\"a\":true}", "false"}) {
    EXPECT_EQ(claims(std::string(R"({"session":"s","expires_in":1,"info":)") + info + "}").info,
              info);
  }
  expect_fault(read_with(R"("info":"12345678 9")"), Fault::bad_info, "11 bytes");
}

TEST_F(TicketAnswerTest, ClaimsAreThoseThatATicketCarries) {
  EXPECT_TRUE(read_with(R"("claims":{})"));
  for (const char* bad : {R"("claims":{"role":"x"})", R"("claims":["org"])", R"("claims":"org")",
                          R"("claims":{"org":"0123456789012345678901"})"}) {
    expect_fault(read_with(bad), Fault::bad_claims, bad);
  }
}

TEST_F(TicketAnswerTest, AGrantMustSayWhenItEnds) {
  EXPECT_EQ(claims(R"({"session":"s","expires_in":316224000})").exp, kNow + 316224000);
  for (const char* bad :
       {R"({"session":"s"})", R"({"session":"s","expires_in":0})",
        R"({"session":"s","expires_in":-1})", R"({"session":"s","expires_in":"60"})",
        R"({"session":"s","expires_in":1.5})", R"({"session":"s","expires_in":null})",
        R"({"session":"s","expires_in":316224001})",
        R"({"session":"s","expires_in":9223372036854775807})"}) {
    expect_fault(read(bad), Fault::bad_expiry, bad);
  }
}

TEST_F(TicketAnswerTest, AMemberThatIsNotKnownMayRestrictTheGrantAndIsAFault) {
  for (const char* member : {R"("jti":"j")", R"("expire_at":1)", R"("readonly":true)"}) {
    expect_fault(read_with(member), Fault::unknown_member, member);
  }
  EXPECT_TRUE(read_with(R"("jti":null)"));
}

TEST_F(TicketAnswerTest, WhatIsNoObjectIsMalformed) {
  for (const char* body : {"", "null", "[]", "\"s\"", "{", "<!doctype html><form action=/login>",
                           R"({"session":"s","session":"t","expires_in":1})", "{} {}",
                           "{\"session\":\"\xff\",\"expires_in\":1}"}) {
    expect_fault(read(body), Fault::malformed, body);
  }
}

TEST_F(TicketAnswerTest, ARefusalSaysItsStatusAndMaySayMore) {
  EXPECT_EQ(refusal(R"({"error":{"status":401,"code":"NO_LOGIN","message":"Log \"in\""}})"),
            "401 NO_LOGIN Log \"in\"");
  EXPECT_EQ(refusal(R"({"error":{"status":403}})"), "403  ");
  EXPECT_EQ(refusal(R"({"error":{"status":403,"code":null,"message":null}})"), "403  ");
  const std::string code(64, 'C');
  EXPECT_EQ(refusal(R"({"error":{"status":403,"code":")" + code + "\"}}"), "403 " + code + " ");
}

TEST_F(TicketAnswerTest, ARefusalThatCannotBeReadIsAFault) {
  const std::string long_code(65, 'C');
  const std::string long_message(1025, 'm');
  for (const std::string& error :
       {std::string("{}"), std::string("true"), std::string("\"no\""),
        std::string(R"({"status":"401"})"), std::string(R"({"status":404})"),
        std::string(R"({"status":200})"), std::string(R"({"status":401,"code":7})"),
        std::string(R"({"status":401,"code":""})"), std::string(R"({"status":401,"code":"A B"})"),
        std::string(R"({"status":401,"code":"A\r\nSet-Cookie"})"),
        std::string(R"({"status":401,"code":"\u00e9"})"),
        R"({"status":401,"code":")" + long_code + "\"}",
        R"({"status":401,"message":")" + long_message + "\"}",
        std::string(R"({"status":401,"message":{}})"),
        std::string(R"({"status":401,"temporary":true})")}) {
    expect_fault(read("{\"error\":" + error + "}"), Fault::bad_error, error);
  }
  expect_fault(read(R"({"error":{"status":401},"session":"s","expires_in":1})"), Fault::bad_error,
               "both");
}

TEST_F(TicketAnswerTest, ABareStatusRefusesWhateverItsBodyIs) {
  for (const int status : {401, 403}) {
    const std::string bare = std::to_string(status) + "  ";
    for (const char* body :
         {"", "<h1>Forbidden</h1>", "{}", R"({"detail":"CSRF Failed"})", R"({"error":"no"})",
          R"({"session":"s","expires_in":1})", R"({"error":{"status":402,"code":"X"}})"}) {
      EXPECT_EQ(refusal(body, status), bare) << body;
    }
  }
  EXPECT_EQ(refusal(R"({"error":{"status":401,"code":"X","message":"m"}})", 401), "401 X m");
  EXPECT_EQ(refusal(R"({"error":{"status":401,"code":"X","message":"m"}})", 403), "403  ");
}

TEST_F(TicketAnswerTest, AnyOtherStatusIsAFault) {
  const char* good = R"({"session":"s","expires_in":1})";
  for (const int status : {201, 204, 400, 402, 404, 405, 429, 500, 502, 503}) {
    expect_fault(read(good, status), Fault::status, std::to_string(status));
  }
  for (const int status : {301, 302, 303, 304, 307}) {
    expect_fault(read(good, status), Fault::redirect, std::to_string(status));
  }
}

}  // namespace
}  // namespace usher::hooks
