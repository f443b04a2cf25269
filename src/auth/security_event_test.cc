#include "auth/security_event.h"

#include <gtest/gtest.h>

namespace usher::auth {
namespace {

using namespace std::chrono_literals;
using Named = std::vector<NamedByProvider>;

constexpr WallTime kNow{1'800'000'000s};
constexpr std::int64_t kIat = 1'799'999'990;
const std::string kRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const std::string kDisabled =
    "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
const std::string kAdaByIssuer = R"({"format":"iss_sub","iss":"https://idp.example","sub":"ada"})";

JwtOptions idp() {
  JwtOptions options;
  options.issuer = "https://idp.example";
  options.logout_audience = {"client-1"};
  return options;
}

std::string set_of(const std::string& events, const std::string& more = "") {
  return R"({"iss":"https://idp.example","aud":["client-1"],"iat":1799999990,"jti":"m1")" + more +
         ",\"events\":{" + events + "}}";
}

std::string event(const std::string& type, const std::string& body) {
  return "\"" + type + "\":" + body;
}

Result<ProviderMessage, MessageFault> read(const std::string& json, JwtOptions options = idp(),
                                           std::string_view typ = "secevent+jwt") {
  return read_security_event(json, typ, options, kNow);
}

Named named(const std::string& json, JwtOptions options = idp()) {
  const auto message = read(json, std::move(options));
  EXPECT_TRUE(message) << json;
  return message ? message->named : Named{};
}

TEST(SecurityEvent, EndsTheUserOrTheSessionOfItsSubject) {
  const Named ada{{RevokedBy::user, "ada", kIat}};
  const Named session{{RevokedBy::sid, "https://idp.example\nS1", kIat}};
  const std::string session_id = R"({"format":"opaque","id":"S1"})";
  EXPECT_EQ(named(set_of(event(kRevoked, "{\"subject\":" + kAdaByIssuer + "}"))), ada);
  EXPECT_EQ(named(set_of(event(kRevoked, "{}"), ",\"sub_id\":" + kAdaByIssuer)), ada);
  EXPECT_EQ(named(set_of(event(kRevoked, "{}"), R"(,"sub":"ada")")), ada);
  EXPECT_EQ(named(set_of(event(kRevoked, "{\"subject\":" + session_id + "}"))), session);
  EXPECT_EQ(named(set_of(event(kDisabled, R"({"subject":{"format":"opaque","id":"ada"}})"))), ada);
  EXPECT_EQ(named(set_of(event(kDisabled, R"({"subject":{"subject_type":"iss-sub",)"
                                          R"("iss":"https://idp.example","sub":"ada"}})"))),
            ada)
      << "as Google writes it";
}

TEST(SecurityEvent, OfAComplexSubjectTheSessionDecidesThenTheUser) {
  const std::string user = "\"user\":" + kAdaByIssuer;
  const std::string session = R"("session":{"format":"opaque","id":"S1"})";
  EXPECT_EQ(named(set_of(event(kRevoked, "{\"subject\":{" + user + "," + session + "}}")))[0].by,
            RevokedBy::sid);
  EXPECT_EQ(
      named(set_of(event(kRevoked, "{\"subject\":{\"format\":\"complex\"," + user + "}}")))[0],
      (NamedByProvider{RevokedBy::user, "ada", kIat}));
}

TEST(SecurityEvent, EveryTypeThatEndsSessionsIsKnownAndOthersAreIgnored) {
  const std::string subject = "{\"subject\":" + kAdaByIssuer + "}";
  const std::string risc = "https://schemas.openid.net/secevent/risc/event-type/";
  for (const std::string& type :
       {kRevoked, kDisabled, risc + "account-purged", risc + "sessions-revoked"}) {
    EXPECT_EQ(named(set_of(event(type, subject))).size(), 1u) << type;
  }
  const std::string verification =
      "https://schemas.openid.net/secevent/ssf/event-type/verification";
  const auto message =
      read(set_of(event(verification, R"({"state":"x"})") + "," + event(kDisabled, subject)));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->named.size(), 1u);
  EXPECT_EQ(message->ignored, std::vector<std::string>{verification});
}

TEST(SecurityEvent, TheTimeOfTheEventCountsIfItIsCredible) {
  const auto at = [](const std::string& timestamp) {
    return named(set_of(event(
        kDisabled, "{\"subject\":" + kAdaByIssuer + ",\"event_timestamp\":" + timestamp + "}")))[0]
        .revoked_at;
  };
  EXPECT_EQ(at("1799990000"), 1'799'990'000);
  EXPECT_EQ(at("1799999991"), kIat) << "after the token itself";
  EXPECT_EQ(at("1799990000000"), kIat) << "milliseconds";
  EXPECT_EQ(at("\"now\""), kIat);
}

TEST(SecurityEvent, AnEmailNamesAUserOnlyIfEmailsAreTheUsers) {
  const std::string json =
      set_of(event(kDisabled, R"({"subject":{"format":"email","email":"ada@example.com"}})"));
  EXPECT_EQ(read(json).error(), MessageFault::subject_unknown);
  JwtOptions options = idp();
  options.user_claim = "email";
  EXPECT_EQ(named(json, options)[0].name, "ada@example.com");
}

TEST(SecurityEvent, EachRuleBrokenOnceIsRefusedForIt) {
  struct Row {
    std::string json;
    MessageFault fault;
  };
  const std::string good = event(kRevoked, "{\"subject\":" + kAdaByIssuer + "}");
  const auto subject = [](const std::string& text) {
    return set_of(event(kRevoked, "{\"subject\":" + text + "}"));
  };
  const Row rows[] = {
      {"[]", MessageFault::not_json},
      {R"({"iss":"https://idp.example","aud":"api","iat":1,"jti":"m","events":{}})",
       MessageFault::wrong_audience},
      {R"({"iss":"https://idp.example","aud":"client-1","jti":"m","events":{}})",
       MessageFault::no_iat},
      {R"({"iss":"https://idp.example","aud":"client-1","iat":1900000000,"jti":"m","events":{}})",
       MessageFault::issued_in_future},
      {R"({"iss":"https://idp.example","aud":"client-1","iat":1,"events":{}})",
       MessageFault::no_jti},
      {R"({"iss":"https://idp.example","aud":"client-1","iat":1,"jti":"m"})",
       MessageFault::no_event},
      {set_of(""), MessageFault::no_event},
      {set_of(event(kRevoked, "true")), MessageFault::no_event},
      {set_of(good, R"(,"exp":1799999970)"), MessageFault::expired},
      {set_of(event(kRevoked, "{}")), MessageFault::no_subject},
      {subject("7"), MessageFault::no_subject},
      {subject(R"({"format":"iss_sub","iss":"https://other.example","sub":"ada"})"),
       MessageFault::foreign_subject},
      {subject(R"({"format":"iss_sub","iss":"https://idp.example"})"),
       MessageFault::claim_malformed},
      {subject(R"({"format":"opaque","id":""})"), MessageFault::no_subject},
      {subject(R"({"format":"phone_number","phone_number":"+1"})"), MessageFault::subject_unknown},
      {subject(R"({"format":"jwt_id","iss":"https://idp.example","jti":"x"})"),
       MessageFault::subject_unknown},
      {subject(R"({"id":"ada"})"), MessageFault::subject_unknown},
  };
  for (const Row& row : rows) {
    const auto message = read(row.json);
    ASSERT_FALSE(message) << row.json;
    EXPECT_EQ(message.error(), row.fault) << row.json;
  }
  EXPECT_TRUE(read(set_of(good, R"(,"exp":1799999971)")));
}

TEST(SecurityEvent, AnotherTypeOfTokenIsRefused) {
  const std::string good = set_of(event(kRevoked, "{\"subject\":" + kAdaByIssuer + "}"));
  EXPECT_TRUE(read(good, idp(), ""));
  for (const char* bad : {"jwt", "at+jwt", "logout+jwt"}) {
    EXPECT_EQ(read(good, idp(), bad).error(), MessageFault::wrong_type) << bad;
  }
}

TEST(SecurityEvent, IsKnownForADayIfItDoesNotEndByItself) {
  EXPECT_EQ(read(set_of(event(kDisabled, "{\"subject\":" + kAdaByIssuer + "}")))->until,
            unix_seconds(kNow) + 24 * 3600);
}

}  // namespace
}  // namespace usher::auth
