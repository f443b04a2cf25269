#include "auth/issuer_table.h"

#include <gtest/gtest.h>

#include "auth/jwt_signer.h"
#include "auth/jwt_test_keys.h"
#include "auth/jwt_verifier.h"
#include "base/bytes.h"
#include "support/print_result.h"

namespace usher::auth {
namespace {

using test::signing_key;
using test::verifying_key;
using test::with_kid;

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};
constexpr const char* kA = "https://a.example";
constexpr const char* kB = "https://b.example";
const std::string kGuestSecret = "guests-guests-guests-guests-guests";

std::string header_of(const char* alg, const char* kid = nullptr, const char* typ = nullptr) {
  return R"({"alg":")" + std::string(alg) + (kid ? R"(","kid":")" + std::string(kid) : "") +
         (typ ? R"(","typ":")" + std::string(typ) : "") + "\"}";
}

std::string payload_by(const std::string& iss, const std::string& more = "") {
  return R"({"iss":")" + iss + R"(","aud":"app","sid":"s","exp":1800000600)" + more + "}";
}

// A signs with a secret named `a`, and B with RSA and with an EC key named `b`; guests have a secret.
class IssuerTableTest : public testing::Test {
 protected:
  JwtVerifier verifier() const {
    return JwtVerifier(
        IssuerTable({Issuer{a, KeySet({with_kid(a_key, "a")})},
                     Issuer{b, KeySet({verifying_key(Algorithm::rs256),
                                       with_kid(verifying_key(Algorithm::es256), "b")})}},
                    KeySet({guest_key})));
  }
  TokenError refusal(const std::string& token) const {
    const auto claims = verifier().verify(token, kNow);
    EXPECT_FALSE(claims) << token;
    return claims ? TokenError{0xff} : claims.error();
  }
  std::string by_a(const std::string& payload, const char* kid = "a") const {
    return JwtSigner(a_key).sign_raw(header_of("HS256", kid), payload);
  }
  std::string by_b(const std::string& payload, const char* kid = "b") const {
    return JwtSigner(signing_key(Algorithm::es256)).sign_raw(header_of("ES256", kid), payload);
  }

  Key a_key = secret_key(test::kSecret);
  Key guest_key = secret_key(kGuestSecret);
  JwtOptions a{.issuer = kA, .audience = {"app"}, .user_prefix = "a:"};
  JwtOptions b{.issuer = kB, .audience = {"app", "b-app"}};
};

TEST_F(IssuerTableTest, EachIssuersTokensAreReadByItsOwnRules) {
  b.session_claim = {"session"};
  b.user_claim = "uid";
  const JwtVerifier both = verifier();
  const auto mine = both.verify(by_a(payload_by(kA, R"(,"sub":"ada")")), kNow);
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->session + " " + mine->user, "a:s a:ada");
  const auto other = both.verify(by_b(payload_by(kB, R"(,"session":"t","uid":"bob")")), kNow);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->session + " " + other->user, "t bob");
}

TEST_F(IssuerTableTest, EachWrongThingIsRefusedForItsOwnReason) {
  using enum TokenError;
  const Key b_named_a = with_kid(signing_key(Algorithm::es256), "a");
  struct Row {
    const char* name;
    std::string token;
    TokenError expected;
  };
  const Row rows[] = {
      {"A's key, for B", by_a(payload_by(kB)), unknown_key},
      {"A's key without its name, for B", by_a(payload_by(kB), nullptr), algorithm},
      {"A's key, under the name of B's", by_a(payload_by(kB), "b"), algorithm},
      {"B's key, for A", by_b(payload_by(kA)), unknown_key},
      {"B's key without its name, for A", by_b(payload_by(kA), nullptr), algorithm},
      {"B's key, under the name of A's", by_b(payload_by(kA), "a"), algorithm},
      {"no issuer's name", by_a(payload_by("https://c.example")), wrong_issuer},
      {"a name with a slash behind", by_a(payload_by(std::string(kA) + "/")), wrong_issuer},
      {"a name in capitals", by_a(payload_by("https://A.example")), wrong_issuer},
      {"an empty name", by_a(payload_by("")), wrong_issuer},
      {"no iss", by_a(R"({"aud":"app","sid":"s","exp":1800000600})"), wrong_issuer},
      {"iss a list", by_a(R"({"iss":["https://a.example"],"aud":"app","exp":1})"), wrong_issuer},
      {"iss twice", by_a(R"({"iss":"https://a.example","iss":"https://b.example"})"),
       duplicate_member},
      {"no JSON", by_a("x"), not_json},
      {"an audience of B",
       by_a(R"({"iss":"https://a.example","aud":"b-app","sid":"s","exp":1800000600})"),
       wrong_audience},
      {"an algorithm that A has no key for",
       JwtSigner(secret_key(test::kSecret, Algorithm::hs384))
           .sign_raw(header_of("HS384", "a"), payload_by(kA)),
       algorithm},
      {"alg none", to_base64url(R"({"alg":"none"})") + "." + to_base64url(payload_by(kA)) + ".AA",
       algorithm},
      {"a guests' key, for A", JwtSigner(guest_key).sign_raw(header_of("HS256"), payload_by(kA)),
       signature},
      {"A's key, for a guest",
       by_a(R"({"iss":"usher","guest":true,"sessionId":"g","exp":1800000600})", nullptr),
       signature},
      {"a guests' key without guest",
       JwtSigner(guest_key).sign_raw(header_of("HS256"), payload_by("usher")), not_a_guest},
      {"B's user, with A's prefix", by_b(payload_by(kB, R"(,"sub":"a:ada")")), foreign_name},
      {"B's session, with A's prefix",
       by_b(R"({"iss":"https://b.example","aud":"app","sid":"a:s","exp":1800000600})"),
       foreign_name},
  };
  for (const Row& row : rows) EXPECT_EQ(refusal(row.token), row.expected) << row.name;
}

TEST_F(IssuerTableTest, GuestsAreAcceptedBesideSeveralIssuers) {
  const auto guest = verifier().verify(
      JwtSigner(guest_key).sign_raw(
          header_of("HS256"), R"({"iss":"usher","guest":true,"sessionId":"g","exp":1800000600})"),
      kNow);
  ASSERT_TRUE(guest);
  EXPECT_TRUE(guest->guest);
  EXPECT_EQ(guest->session, "g");
}

TEST_F(IssuerTableTest, ATokenIsForeignOnlyIfNoIssuerOfTheTableCanHaveMadeIt) {
  const JwtVerifier both = verifier();
  const Key stranger = secret_key("a stranger's secret of 32 bytes.");
  const auto by_stranger = [&](const std::string& iss) {
    return JwtSigner(stranger).sign_raw(header_of("HS256", "x"), payload_by(iss));
  };
  const auto is_foreign = [](const JwtVerifier& verifier, const std::string& token) {
    const auto claims = verifier.verify(token, kNow);
    EXPECT_FALSE(claims) << token;
    return !claims && verifier.issuers().is_foreign(token, claims.error());
  };
  EXPECT_TRUE(is_foreign(both, by_stranger("https://other.example")));
  EXPECT_TRUE(is_foreign(both, "opaque"));
  EXPECT_FALSE(is_foreign(both, by_stranger(kA)));
  EXPECT_FALSE(is_foreign(both, by_stranger(kB)));
  EXPECT_FALSE(is_foreign(both, by_stranger("usher")));
  EXPECT_FALSE(is_foreign(both, by_a(R"({"iss":")" + std::string(kA) + R"(","exp":1})")));

  const JwtVerifier named(a, KeySet({a_key}));
  EXPECT_TRUE(is_foreign(named, by_stranger("https://other.example")));
  EXPECT_FALSE(is_foreign(named, by_stranger(kA)));
  EXPECT_FALSE(is_foreign(named, by_a(payload_by("https://other.example"))))
      << "our own key has signed it";
  EXPECT_FALSE(is_foreign(JwtVerifier(JwtOptions(), KeySet({a_key})), by_stranger("x")))
      << "an issuer without a name";
  EXPECT_TRUE(is_foreign(JwtVerifier(IssuerTable({})), by_stranger("x")));
  EXPECT_TRUE(is_foreign(JwtVerifier(JwtOptions(), KeySet()), by_stranger("x")));
}

TEST_F(IssuerTableTest, ATypeThatAnIssuerRequiresIsRequiredOfItsTokensAlone) {
  a.typ = "application/AT+JWT";
  const auto error = [&](const char* typ) {
    const auto claims = verifier().verify(
        JwtSigner(a_key).sign_raw(header_of("HS256", "a", typ), payload_by(kA)), kNow);
    return claims ? std::string() : std::string(reason_of(claims.error()));
  };
  EXPECT_EQ(error("at+jwt"), "");
  EXPECT_EQ(error("application/at+jwt"), "");
  EXPECT_EQ(error("JWT"), reason_of(TokenError::type_refused));
  EXPECT_EQ(error(nullptr), reason_of(TokenError::type_refused));
  EXPECT_TRUE(verifier().verify(by_b(payload_by(kB)), kNow));
  const std::string guest = R"({"iss":"usher","guest":true,"sessionId":"g","exp":1800000600})";
  EXPECT_TRUE(JwtVerifier(a, KeySet({a_key}), KeySet({guest_key}))
                  .verify(JwtSigner(guest_key).sign_raw(header_of("HS256"), guest), kNow));
}

TEST_F(IssuerTableTest, AnotherKindOfTokenIsVerifiedForTheIssuerThatSignedIt) {
  const JwtVerifier both = verifier();
  const auto sign = [&](const std::string& iss, const char* typ) {
    return JwtSigner(a_key).sign_raw(header_of("HS256", "a", typ), R"({"iss":")" + iss + "\"}");
  };
  const auto logout = both.issuers().verify_issued(sign(kA, "logout+jwt"), TokenKind::logout);
  ASSERT_TRUE(logout);
  EXPECT_EQ(logout->options.user_prefix, "a:");
  EXPECT_EQ(logout->json, R"({"iss":"https://a.example"})");
  using enum TokenError;
  const auto error = [&](const IssuerTable& table, const std::string& token) {
    const auto payload = table.verify_issued(token, TokenKind::logout);
    return payload ? TokenError{0xff} : payload.error();
  };
  EXPECT_EQ(error(both.issuers(), sign(kB, "logout+jwt")), unknown_key);
  EXPECT_EQ(error(both.issuers(), sign(kA, "at+jwt")), type_refused);
  EXPECT_EQ(error(both.issuers(),
                  JwtSigner(guest_key).sign_raw(header_of("HS256"), R"({"iss":"usher"})")),
            wrong_issuer);
  // With one issuer too, though its name chooses no keys.
  const IssuerTable one({Issuer{a, KeySet({a_key})}}, KeySet({guest_key}));
  EXPECT_TRUE(one.verify_issued(sign(kA, "logout+jwt"), TokenKind::logout));
  EXPECT_EQ(error(one, sign(kB, "logout+jwt")), wrong_issuer);
  EXPECT_EQ(error(one, JwtSigner(guest_key).sign_raw(header_of("HS256"),
                                                     R"({"iss":"https://a.example"})")),
            wrong_issuer);
  const IssuerTable nameless({Issuer{{}, KeySet({a_key})}});
  EXPECT_EQ(error(nameless, sign(kA, "logout+jwt")), wrong_issuer);
  EXPECT_EQ(error(nameless, sign("", "logout+jwt")), wrong_issuer);
}

TEST_F(IssuerTableTest, ExplanationsAreOfTheTokensIssuer) {
  const JwtVerifier both = verifier();
  const auto explained = [&](const std::string& token) {
    return both.explain(token, refusal(token));
  };
  EXPECT_EQ(
      explained(by_a(payload_by("https://c.example\\u0007"))),
      "no issuer of the configuration is named 'https://c.example?', as the token's iss says");
  EXPECT_EQ(explained(by_a(payload_by(kB))), "no key has the token's kid 'a'");
  EXPECT_EQ(explained(by_b(R"({"iss":"https://b.example","aud":"x","sid":"s","exp":1800000600})")),
            "the token's aud does not hold 'app' or 'b-app'");
}

TEST(UnverifiedIssuer, IsWhatTheTokenSaysOrNothing) {
  const Key key = secret_key(test::kSecret);
  const auto said = [&](const std::string& payload) {
    return unverified_issuer(JwtSigner(key).sign_raw(header_of("HS256"), payload));
  };
  EXPECT_EQ(said(payload_by(kA)), kA);
  EXPECT_EQ(said(R"({"iss":7})"), "");
  EXPECT_EQ(said("{}"), "");
  EXPECT_EQ(said("x"), "");
  EXPECT_EQ(unverified_issuer("a.b"), "");
}

}  // namespace
}  // namespace usher::auth
