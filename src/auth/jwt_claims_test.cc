#include "auth/jwt_claims.h"

#include <gtest/gtest.h>

#include "support/print_result.h"

namespace usher::auth {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNowSeconds = 1'800'000'000;
constexpr WallTime kNow{std::chrono::seconds(kNowSeconds)};
constexpr SignerRoles kIssuer{.issuer = true};
constexpr SignerRoles kGuestKey{.guest = true};
constexpr SignerRoles kSharedKey{.issuer = true, .guest = true};

class JwtClaimsTest : public testing::Test {
 protected:
  Result<Claims, TokenError> read(std::string_view json, WallTime now = kNow,
                                  SignerRoles signer = kIssuer) const {
    return read_claims(json, options, signer, now, window);
  }
  // A good token's claims, and then some.
  Result<Claims, TokenError> read_with(const std::string& members, WallTime now = kNow) const {
    return read(R"({"sessionId":"s","exp":1800000600,)" + members + "}", now);
  }
  TokenError refusal(std::string_view json) const { return error_of(read(json)); }
  TokenError refusal_with(const std::string& members) const { return error_of(read_with(members)); }

  static TokenError error_of(const Result<Claims, TokenError>& claims) {
    EXPECT_FALSE(claims);
    return claims ? TokenError{0xff} : claims.error();
  }

  JwtOptions options;
  std::chrono::seconds window{0};
};

constexpr auto kMalformed = TokenError::claim_malformed;

TEST_F(JwtClaimsTest, ReadsEveryClaimThatUsherKnows) {
  const auto claims = read(R"({"sessionId":"s1","sub":"ada","jti":"j","iat":1799999990.7,
      "exp":1800000600.9,"channels":["orders:42","news:*"],"role":{"admin":[true,null]}})");
  ASSERT_TRUE(claims);
  const Claims expected{.session = "s1",
                        .user = "ada",
                        .jti = "j",
                        .iat = 1799999990,
                        .exp = 1800000600,
                        .channels = {"orders:42", "news:*"}};
  EXPECT_EQ(*claims, expected);
}

TEST_F(JwtClaimsTest, KeepsTheClaimsThatATicketCarriesAsTheyAre) {
  options.claims = {"plan", "org", "sub"};
  const auto claims = read_with(R"("org":{"id":1e400,"x":[null]},"role":"admin","plan":"\u00fc")");
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->claims, R"({"org":{"id":1e400,"x":[null]},"plan":"\u00fc"})");
  EXPECT_EQ(read_with(R"("role":"admin")")->claims, "");
}

TEST_F(JwtClaimsTest, InfoIsJsonOfAnyTypeAsItStands) {
  for (const auto* info : {R"({"name":"\u00fc","n":1e400})", "[1,null]", "\"ada\"", "7", "false"}) {
    EXPECT_EQ(read_with(R"("info":)" + std::string(info))->info, info);
  }
  EXPECT_EQ(read_with("\"info\":{\n\"a\":\r1}")->info, "{ \"a\": 1}");
  EXPECT_EQ(read_with(R"("info":null)")->info, "");
  EXPECT_EQ(read_with(R"("jti":"j")")->info, "");
  options.info_claim = "profile";
  EXPECT_EQ(read_with(R"("info":1,"profile":2)")->info, "2");
}

TEST_F(JwtClaimsTest, InfoHasItsBytesAndNotOneMore) {
  options.info_bytes = 10;
  EXPECT_EQ(read_with(R"("info":"12345678")")->info, R"("12345678")");
  EXPECT_EQ(refusal_with(R"("info":"123456789")"), kMalformed);
  EXPECT_EQ(malformed_claim_in(R"({"exp":1,"info":"123456789"})", options), "info");
}

TEST_F(JwtClaimsTest, TheProvidersSessionCountsWithinItsIssuer) {
  EXPECT_EQ(read_with(R"("iss":"https://a.example","sid":"7")")->sid, "https://a.example\n7");
  EXPECT_EQ(read_with(R"("sid":"7")")->sid, "\n7");
  EXPECT_EQ(read_with(R"("iss":"https://a.example")")->sid, "");
  EXPECT_EQ(read_with(R"("iss":"https://a.example","sid":"")")->sid, "");
  EXPECT_EQ(read_with(R"("iss":"https://a.example","sid":7)")->sid, "");
  const std::string most(kClaimBytesMax, 'x');
  EXPECT_EQ(read_with(R"("iss":")" + most + R"(","sid":")" + most + "\"")->sid, most + "\n" + most);
}

TEST_F(JwtClaimsTest, WhatCouldNameTheSessionOfAnotherIssuerIsMalformed) {
  EXPECT_EQ(refusal_with(R"("iss":"a\nb","sid":"7")"), kMalformed);
  EXPECT_EQ(refusal_with(R"("iss":"a","sid":"b\n7")"), kMalformed);
  const std::string too_long(kClaimBytesMax + 1, 'x');
  EXPECT_EQ(refusal_with(R"("iss":")" + too_long + R"(","sid":"7")"), kMalformed);
  EXPECT_EQ(refusal_with(R"("iss":"a","sid":")" + too_long + "\""), kMalformed);
}

TEST_F(JwtClaimsTest, AGuestsTokenHasNeitherInfoNorAProvidersSession) {
  const auto claims = read(R"({"iss":"usher","guest":true,"sessionId":"s","exp":1800000600,
      "sid":"7","info":{"name":"Ada"}})",
                           kNow, kGuestKey);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->info + claims->sid, "");
}

TEST_F(JwtClaimsTest, ASessionAndAnExpiryAreEnough) {
  const auto claims = read(R"({"sessionId":"s","exp":1800000600})");
  ASSERT_TRUE(claims);
  EXPECT_EQ(*claims, (Claims{.session = "s", .exp = 1800000600}));
}

TEST_F(JwtClaimsTest, ExpiryIsRequired) {
  EXPECT_EQ(refusal(R"({"sessionId":"s"})"), TokenError::no_expiry);
  EXPECT_EQ(refusal("{}"), TokenError::no_expiry);
}

TEST_F(JwtClaimsTest, DatesAreNumbersInRangeAndNothingElse) {
  for (const auto* value : {"null", "\"1800000600\"", "true", "[]", "{}", "253402300800",
                            "1800000600000", "1e300", "1e999", "123456789012345678901234567890"}) {
    EXPECT_EQ(refusal(R"({"sessionId":"s","exp":)" + std::string(value) + "}"), kMalformed)
        << value;
    EXPECT_EQ(refusal_with(R"("nbf":)" + std::string(value)), kMalformed) << value;
  }
  for (const auto* value : {"-1", "-0.5"}) {
    EXPECT_EQ(refusal(R"({"sessionId":"s","exp":)" + std::string(value) + "}"), kMalformed);
  }
  for (const auto* value : {"null", "\"1800000600\"", "true", "[]", "{}"}) {
    EXPECT_EQ(refusal_with(R"("iat":)" + std::string(value)), kMalformed) << value;
  }
  for (const auto* value :
       {"1800000600", "1800000600.0", "1.8000006e9", "18000006E+2", "253402300799"}) {
    EXPECT_TRUE(read(R"({"sessionId":"s","exp":)" + std::string(value) + "}")) << value;
  }
}

TEST_F(JwtClaimsTest, TokenIsGoodUntilItsExpiryAndTheLeewayHavePassed) {
  const auto* json = R"({"sessionId":"s","exp":1800000000})";
  EXPECT_TRUE(read(json, kNow));
  EXPECT_TRUE(read(json, kNow + 30s - 1ms));
  EXPECT_EQ(error_of(read(json, kNow + 30s)), TokenError::expired);
  options.leeway = 0s;
  EXPECT_TRUE(read(json, kNow - 1ms));
  EXPECT_EQ(error_of(read(json, kNow)), TokenError::expired);
}

TEST_F(JwtClaimsTest, AFractionOfASecondIsRoundedAgainstTheToken) {
  options.leeway = 0s;
  const auto* exp = R"({"sessionId":"s","exp":1800000000.9})";
  EXPECT_TRUE(read(exp, kNow - 1ms));
  EXPECT_EQ(error_of(read(exp, kNow)), TokenError::expired);
  EXPECT_EQ(error_of(read_with(R"("nbf":1799999999.1)", kNow - 1ms)), TokenError::not_yet_valid);
  EXPECT_TRUE(read_with(R"("nbf":1799999999.1)", kNow));
}

TEST_F(JwtClaimsTest, NotBeforeMayLieInTheFutureByTheLeeway) {
  EXPECT_TRUE(read_with(R"("nbf":1800000030)", kNow));
  EXPECT_EQ(error_of(read_with(R"("nbf":1800000030)", kNow - 1ms)), TokenError::not_yet_valid);
}

// RFC 7519 section 4.1.6 gives no ground to refuse. But what would outlive a revocation is not
// believed.
TEST_F(JwtClaimsTest, AnIssuedAtInTheFutureIsNotRefusedAndBeyondTheLeewayNotBelieved) {
  EXPECT_EQ(read_with(R"("iat":1800000030)", kNow)->iat, 1800000030);
  for (const auto* iat : {"1800000031", "1800000030.0001e0", "1800003600", "253402300799",
                          "1800000000000", "1e300", "1e999", "123456789012345678901234567890"}) {
    const auto claims = read_with(R"("iat":)" + std::string(iat), kNow - 1ms);
    ASSERT_TRUE(claims) << iat;
    EXPECT_EQ(claims->iat, std::nullopt) << iat;
  }
  EXPECT_EQ(read_with(R"("iat":1800000060)", kNow + 30s)->iat, 1800000060);
}

// .NET writes its earliest date where nobody has set one.
TEST_F(JwtClaimsTest, DatesBefore1970ArePast) {
  for (const auto* date : {"0", "-1", "-0.5", "-62135596800", "-1e300"}) {
    const auto claims = read_with(R"("nbf":)" + std::string(date) + R"(,"iat":)" + date);
    ASSERT_TRUE(claims) << date;
    EXPECT_EQ(claims->iat, 0) << date;
  }
}

TEST_F(JwtClaimsTest, IssuerMustBeTheConfiguredOne) {
  EXPECT_TRUE(read_with(R"("iss":"anybody")"));
  options.issuer = "https://id.example";
  EXPECT_TRUE(read_with(R"("iss":"https://id.example")"));
  EXPECT_TRUE(read_with(R"("iss":"https:\/\/id.example")"));
  for (const auto* other : {"https://id.example/", "https://ID.example", "", "https://id.exampl"}) {
    EXPECT_EQ(refusal_with(R"("iss":")" + std::string(other) + "\""), TokenError::wrong_issuer)
        << other;
  }
  EXPECT_EQ(refusal_with(R"("iss2":"https://id.example")"), TokenError::wrong_issuer);
}

TEST_F(JwtClaimsTest, AudienceMustHoldTheConfiguredOne) {
  EXPECT_TRUE(read_with(R"("aud":"anybody")"));
  options.audience = {"usher"};
  EXPECT_TRUE(read_with(R"("aud":"usher")"));
  EXPECT_TRUE(read_with(R"("aud":["other","usher"])"));
  for (const auto* aud :
       {"\"Usher\"", "\"\"", "[]", "[\"other\"]", "\"usher \"", "[\"ushe\",\"r\"]"}) {
    EXPECT_EQ(refusal_with(R"("aud":)" + std::string(aud)), TokenError::wrong_audience) << aud;
  }
  EXPECT_EQ(refusal_with(R"("x":1)"), TokenError::wrong_audience);
}

TEST_F(JwtClaimsTest, ClaimsOfAWrongTypeAreRefusedEvenWhereNobodyAskedForThem) {
  for (const auto* member :
       {R"("iss":1)", R"("iss":null)", R"("iss":["a"])", R"("aud":1)", R"("aud":null)",
        R"("aud":["a",1])", R"("aud":{"a":1})", R"("jti":1)", R"("jti":null)", R"("sub":1)",
        R"("sub":null)", R"("sub":["ada"])", R"("channels":null)", R"("channels":[1])",
        R"("channels":[["a"]])", R"("channels":{"a":1})", R"("channels":[""])"}) {
    EXPECT_EQ(refusal_with(member), kMalformed) << member;
  }
}

TEST_F(JwtClaimsTest, TheConfiguredSessionClaimWinsAndSidCountsOnlyWithoutIt) {
  const auto session = [&](const std::string& members) {
    const auto claims = read(R"({"exp":1800000600,)" + members + "}");
    return claims ? claims->session : std::string(reason_of(claims.error()));
  };
  EXPECT_EQ(session(R"("sid":"b")"), "b");
  EXPECT_EQ(session(R"("sid":"b","sessionId":"a")"), "a");
  EXPECT_EQ(session(R"("sid":1,"sessionId":"a")"), "a");
  EXPECT_EQ(session(R"("sid":"b","sessionId":"")"), reason_of(TokenError::missing_session));
  EXPECT_EQ(session(R"("sid":"b","sessionId":1)"), reason_of(kMalformed));
  EXPECT_EQ(session(R"("sid":"b","sessionId":null)"), reason_of(kMalformed));
  EXPECT_EQ(session(R"("sid":null)"), reason_of(kMalformed));
  options.session_claim = {"https://example.com/session"};
  EXPECT_EQ(session(R"("sessionId":"a","https://example.com/session":"c")"), "c");
  EXPECT_EQ(session(R"("sessionId":"a","sid":"b")"), "b");
  EXPECT_EQ(session(R"("sessionId":"a")"), reason_of(TokenError::missing_session));
}

TEST_F(JwtClaimsTest, OfSeveralSessionClaimsTheFirstThatIsThereCounts) {
  options.session_claim = {"session_id", "ext.session", "jti"};
  const auto session = [&](const std::string& members) {
    const auto claims = read(R"({"exp":1800000600,)" + members + "}");
    return claims ? claims->session : std::string(reason_of(claims.error()));
  };
  EXPECT_EQ(session(R"("jti":"j","ext":{"session":"e"},"session_id":"s","sid":"p")"), "s");
  EXPECT_EQ(session(R"("jti":"j","ext":{"session":"e"},"sid":"p")"), "e");
  EXPECT_EQ(session(R"("jti":"j","ext":{"other":"e"},"sid":"p")"), "j");
  EXPECT_EQ(session(R"("sid":"p")"), "p");
  EXPECT_EQ(session(R"("jti":"j","session_id":"")"), reason_of(TokenError::missing_session));
  EXPECT_EQ(session(R"("jti":"j","session_id":7)"), reason_of(kMalformed));
  EXPECT_EQ(session(R"("x":1)"), reason_of(TokenError::missing_session));
}

TEST_F(JwtClaimsTest, EachClaimMayBeAPath) {
  options.session_claim = {"realm.session"};
  options.user_claim = "https://a.example/claims.user";
  options.channels_claim = "realm.access.channels";
  options.info_claim = "profile.public";
  options.audience_claim = "realm.client";
  options.audience = {"app"};
  const auto claims = read(R"({"exp":1800000600,"https://a.example/claims":{"user":"ada"},
      "realm":{"session":"s","access":{"channels":["a","b*"]},"client":"app"},
      "profile":{"public":{"name":"Ada"}},"sub":7,"aud":7,"channels":7,"info":7})");
  ASSERT_TRUE(claims);
  EXPECT_EQ(*claims, (Claims{.session = "s",
                             .user = "ada",
                             .exp = 1800000600,
                             .channels = {"a", "b*"},
                             .info = R"({"name":"Ada"})"}));
  EXPECT_EQ(malformed_claim_in(R"({"exp":1,"realm":{"access":{"channels":[7]}}})", options),
            "realm.access.channels");
}

TEST_F(JwtClaimsTest, ATextOfChannelsIsReadLikeAScope) {
  options.channels_claim = "scope";
  options.channels_per_token = 3;
  const auto channels = [&](const std::string& scope) {
    return read_with(R"("scope":")" + scope + "\"")->channels;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(channels("news:1 orders:*"), (Names{"news:1", "orders:*"}));
  EXPECT_EQ(channels("  a  b c "), (Names{"a", "b", "c"}));
  EXPECT_EQ(channels(""), Names());
  EXPECT_EQ(channels(std::string(kClaimBytesMax, 'x')), Names{std::string(kClaimBytesMax, 'x')});
  EXPECT_EQ(refusal_with(R"("scope":"a b c d")"), kMalformed);
  EXPECT_EQ(refusal_with(R"("scope":"a\tb")"), kMalformed);
  EXPECT_EQ(refusal_with(R"("scope":")" + std::string(kClaimBytesMax + 1, 'x') + "\""), kMalformed);
  EXPECT_EQ(refusal_with(R"("scope":{"a":1})"), kMalformed);
  EXPECT_EQ(read_with(R"("scope":["a b"])")->channels, Names{"a b"});
}

TEST_F(JwtClaimsTest, APrefixStandsBeforeSessionAndUserAndNoOtherName) {
  options.user_prefix = "acme:";
  const auto claims =
      read_with(R"("iss":"i","sid":"p","sub":"ada","jti":"j","channels":["a"],"info":"x")");
  ASSERT_TRUE(claims);
  EXPECT_EQ(*claims, (Claims{.session = "acme:s",
                             .user = "acme:ada",
                             .jti = "j",
                             .exp = 1800000600,
                             .channels = {"a"},
                             .info = "\"x\"",
                             .sid = "i\np"}));
  EXPECT_EQ(read_with(R"("jti":"j")")->user, "") << "nobody stays nobody";
  const std::string most(kClaimBytesMax - options.user_prefix.size(), 'x');
  EXPECT_EQ(read_with(R"("sub":")" + most + "\"")->user, "acme:" + most);
  EXPECT_EQ(refusal_with(R"("sub":")" + most + "x\""), kMalformed);
  const auto guest =
      read(R"({"iss":"usher","guest":true,"sessionId":"g","exp":1800000600})", kNow, kGuestKey);
  EXPECT_EQ(guest->session, "g");
}

TEST_F(JwtClaimsTest, ANameThatBeginsWithAnotherIssuersPrefixIsRefused) {
  options.foreign_prefixes = {"b:", "a:b:"};
  for (const auto* own : {"", "a:"}) {
    options.user_prefix = own;
    const std::string foreign = *own == '\0' ? "b:" : "b:x";
    EXPECT_EQ(refusal_with(R"("sub":")" + foreign + "\""), TokenError::foreign_name);
    EXPECT_EQ(refusal(R"({"exp":1800000600,"sessionId":")" + foreign + "\"}"),
              TokenError::foreign_name);
    EXPECT_TRUE(read_with(R"("sub":"bx:")")) << own;
    EXPECT_TRUE(read_with(R"("sub":"B:x")")) << own;
  }
}

TEST_F(JwtClaimsTest, ALogoutTokenOrAnotherSecurityEventOpensNothing) {
  for (const auto* event : {"http://schemas.openid.net/event/backchannel-logout",
                            "https://schemas.openid.net/secevent/caep/event-type/session-revoked",
                            "urn:example:event"}) {
    EXPECT_EQ(refusal_with(R"("events":{")" + std::string(event) + R"(":{}})"),
              TokenError::type_refused);
  }
  EXPECT_TRUE(read_with(R"("events":{"other":{}})"));
  EXPECT_TRUE(read_with(R"("events":["http://schemas.openid.net/event/backchannel-logout"])"));
}

TEST_F(JwtClaimsTest, AnyOfSeveralAudiencesIsEnough) {
  options.audience = {"chat", "usher"};
  for (const auto* aud : {R"("chat")", R"("usher")", R"(["x","usher"])", R"(["chat","usher"])"}) {
    EXPECT_TRUE(read_with(R"("aud":)" + std::string(aud))) << aud;
  }
  for (const auto* aud : {R"("x")", R"(["x"])", "[]", R"("chat usher")", R"("Chat")"}) {
    EXPECT_EQ(refusal_with(R"("aud":)" + std::string(aud)), TokenError::wrong_audience) << aud;
  }
  // What an issuer writes in another claim counts only where that is configured.
  EXPECT_EQ(refusal_with(R"("client_id":"chat")"), TokenError::wrong_audience);
  options.audience_claim = "client_id";
  EXPECT_TRUE(read_with(R"("client_id":"chat","aud":"x")"));
  EXPECT_EQ(refusal_with(R"("aud":"chat")"), TokenError::wrong_audience);
  EXPECT_EQ(refusal_with(R"("aud":"chat","client_id":7)"), kMalformed);
}

TEST_F(JwtClaimsTest, WithoutAUserClaimNobodyIsLoggedIn) {
  EXPECT_EQ(read_with(R"("sub":"")")->user, "");
  options.user_claim = "uid";
  EXPECT_EQ(read_with(R"("sub":"ada")")->user, "");
  EXPECT_EQ(read_with(R"("sub":1,"uid":"bob")")->user, "bob");
}

TEST_F(JwtClaimsTest, NamesAreBoundedAndPrintable) {
  const std::string longest(kClaimBytesMax, 'x');
  for (const auto* name : {"sub", "jti", "sid"}) {
    const std::string head = R"({"exp":1800000600,")" + std::string(name) + "\":\"";
    const std::string tail = std::string(name) == "sid" ? "\"}" : "\",\"sessionId\":\"s\"}";
    EXPECT_TRUE(read(head + longest + tail)) << name;
    EXPECT_EQ(refusal(head + longest + "x" + tail), kMalformed) << name;
    for (const auto* control : {"\\u0000", "a\\nb", "\\u001f", "\\u007f", "\\u0080", "a\\u009fb"}) {
      EXPECT_EQ(refusal(head + control + tail), kMalformed) << name << control;
    }
    EXPECT_TRUE(read(head + "gr\\u00fc\\u00df dich \\ud83d\\ude00 \\u00a0" + tail)) << name;
  }
}

TEST_F(JwtClaimsTest, ChannelsAreBoundedInNumberAndLength) {
  const auto list = [](std::size_t count, const std::string& channel) {
    std::string json = R"("channels":[)";
    for (std::size_t i = 0; i < count; ++i) json += (i > 0 ? ",\"" : "\"") + channel + "\"";
    return json + "]";
  };
  EXPECT_EQ(read_with(list(0, ""))->channels.size(), 0u);
  for (const std::size_t most : {options.channels_per_token, std::size_t{3}}) {
    options.channels_per_token = most;
    EXPECT_EQ(read_with(list(most, "a:b"))->channels.size(), most);
    EXPECT_EQ(refusal_with(list(most + 1, "a:b")), kMalformed);
  }
  EXPECT_TRUE(read_with(list(1, std::string(kClaimBytesMax, 'c'))));
  EXPECT_EQ(refusal_with(list(1, std::string(kClaimBytesMax + 1, 'c'))), kMalformed);
  EXPECT_EQ(refusal_with(list(2, "a\\tb")), kMalformed);
}

TEST_F(JwtClaimsTest, WhatIsNotAnObjectOrHasAMemberTwiceIsRefused) {
  for (const auto* json :
       {"", "null", "[]", "1", "\"{}\"", "{", R"({"exp":1800000600,"sid":"s"} {})",
        R"({"exp":01800000600,"sid":"s"})"}) {
    EXPECT_EQ(refusal(json), TokenError::not_json) << json;
  }
  EXPECT_EQ(refusal(R"({"exp":1,"exp":1800000600,"sid":"s"})"), TokenError::duplicate_member);
  EXPECT_EQ(refusal_with(R"("a":{"b":1,"b":2})"), TokenError::duplicate_member);
  EXPECT_EQ(refusal_with(R"("data":{"b":1,"b":2})"), TokenError::duplicate_member);
  EXPECT_EQ(refusal_with(R"("sessionI\u0064":"t")"), TokenError::duplicate_member);
}

TEST_F(JwtClaimsTest, ExpiryIsToldBeforeAMissingSessionAndAfterAWrongIssuer) {
  EXPECT_EQ(refusal(R"({"exp":1})"), TokenError::expired);
  options.issuer = "a";
  EXPECT_EQ(refusal(R"({"exp":1,"iss":"b"})"), TokenError::wrong_issuer);
}

constexpr auto* kGuest =
    R"({"iss":"usher","guest":true,"sessionId":"sess_1","exp":1800000600,"iat":1800000000,"born":1790000000})";

TEST_F(JwtClaimsTest, AGuestNeedsNoConfiguredIssuerOrAudience) {
  options.issuer = "https://id.example";
  options.audience = {"usher"};
  options.session_claim = {"other"};
  for (const SignerRoles signer : {kGuestKey, kSharedKey}) {
    const auto claims = read(kGuest, kNow, signer);
    ASSERT_TRUE(claims);
    const Claims expected{.session = "sess_1",
                          .iat = 1800000000,
                          .exp = 1800000600,
                          .guest = true,
                          .born = 1790000000};
    EXPECT_EQ(*claims, expected);
  }
}

TEST_F(JwtClaimsTest, OnlyAGuestKeyMakesAGuest) {
  const auto claims = read(kGuest, kNow, kIssuer);
  ASSERT_TRUE(claims);
  EXPECT_FALSE(claims->guest);
  EXPECT_FALSE(claims->born);
  options.issuer = "https://id.example";
  EXPECT_EQ(error_of(read(kGuest, kNow, kIssuer)), TokenError::wrong_issuer);
}

TEST_F(JwtClaimsTest, AGuestKeyIsGoodForNothingElse) {
  for (const auto* json : {R"({"guest":true,"sessionId":"s","exp":1800000600})",
                           R"({"iss":"usher","sessionId":"s","exp":1800000600})",
                           R"({"iss":"usher","guest":false,"sessionId":"s","exp":1800000600})",
                           R"({"iss":"usher","guest":"true","sessionId":"s","exp":1800000600})",
                           R"({"iss":"Usher","guest":true,"sessionId":"s","exp":1800000600})"}) {
    EXPECT_EQ(error_of(read(json, kNow, kGuestKey)), TokenError::not_a_guest) << json;
    const auto shared = read(json, kNow, kSharedKey);
    ASSERT_TRUE(shared) << json;
    EXPECT_FALSE(shared->guest) << json;
  }
}

TEST_F(JwtClaimsTest, AGuestIsNeverLoggedIn) {
  const auto* json =
      R"({"iss":"usher","guest":true,"sessionId":"s","exp":1800000600,"sub":"admin"})";
  EXPECT_EQ(read(json, kNow, kGuestKey)->user, "");
}

TEST_F(JwtClaimsTest, TheWindowIsForGuestsAlone) {
  window = 3600s;
  const WallTime expiry{std::chrono::seconds(1800000600)};
  EXPECT_TRUE(read(kGuest, expiry + 3600s - 1ms, kGuestKey));
  EXPECT_EQ(error_of(read(kGuest, expiry + 3600s, kGuestKey)), TokenError::expired);
  EXPECT_EQ(error_of(read(kGuest, expiry + 30s, kIssuer)), TokenError::expired);
  window = 0s;
  EXPECT_TRUE(read(kGuest, expiry + 30s - 1ms, kGuestKey));
}

TEST_F(JwtClaimsTest, TheMalformedClaimIsNamedForTheOperator) {
  EXPECT_EQ(malformed_claim_in(R"({"exp":"1"})", options), "exp");
  EXPECT_EQ(malformed_claim_in(R"({"exp":1,"sid":1})", options), "sid");
  EXPECT_EQ(malformed_claim_in(R"({"exp":1,"sid":1,"sessionId":"a","sub":2})", options), "sub");
  EXPECT_EQ(malformed_claim_in(R"({"exp":1})", options), "");
  EXPECT_EQ(malformed_claim_in("{", options), "");
}

}  // namespace
}  // namespace usher::auth
