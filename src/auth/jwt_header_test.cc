#include "auth/jwt_header.h"

#include <gtest/gtest.h>

#include "support/print_result.h"

namespace usher::auth {
namespace {

TokenError refusal(std::string_view json) {
  const auto header = read_header(json);
  EXPECT_FALSE(header) << json;
  return header ? TokenError::expired : header.error();
}

TEST(JwtHeaderTest, ReadsAlgorithmAndKid) {
  const auto header = read_header(R"({"typ":"JWT","alg":"ES256","kid":"k\u00e9y"})");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->algorithm, Algorithm::es256);
  EXPECT_EQ(header->kid, "k\xc3\xa9y");
}

TEST(JwtHeaderTest, UnknownMembersAreIgnored) {
  EXPECT_TRUE(read_header(R"({"alg":"HS256","cty":"x","n":[1,{"a":123456789012345678901234}]})"));
}

TEST(JwtHeaderTest, TypMayBeAbsentJwtOrAccessTokenInAnyCase) {
  for (const auto* typ :
       {"JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "at+JWT", "application/at+jwt", "application/jwt",
        "Application/AT+JWT", "APPLICATION/JWT", "application\\/at+jwt"}) {
    EXPECT_TRUE(read_header(R"({"alg":"HS256","typ":")" + std::string(typ) + "\"}")) << typ;
  }
  for (const auto* typ :
       {"", "JWS", "JOSE", "application/", "application/application/jwt", "text/at+jwt", "JWT ",
        "application/logout+jwt", "logout+jwt", "secevent+jwt"}) {
    EXPECT_EQ(refusal(R"({"alg":"HS256","typ":")" + std::string(typ) + "\"}"),
              TokenError::type_refused)
        << typ;
  }
}

TEST(JwtHeaderTest, EachKindOfTokenHasItsTypes) {
  const auto fits = [](const char* typ, TokenKind kind) {
    return read_header(R"({"alg":"HS256","typ":")" + std::string(typ) + "\"}", kind).has_value();
  };
  EXPECT_TRUE(fits("Application/Logout+JWT", TokenKind::logout));
  EXPECT_TRUE(fits("JWT", TokenKind::logout));
  EXPECT_FALSE(fits("at+jwt", TokenKind::logout));
  EXPECT_TRUE(fits("secevent+jwt", TokenKind::security_event));
  EXPECT_FALSE(fits("JWT", TokenKind::security_event));
  EXPECT_EQ(read_header(R"({"alg":"HS256","typ":"application/AT+jwt"})")->typ, "at+jwt");
  EXPECT_EQ(read_header(R"({"alg":"HS256"})")->typ, "");
}

TEST(JwtHeaderTest, MembersThatBringTheirOwnKeyOrRulesAreRefusedWhateverTheirValue) {
  for (const auto* name : {"crit", "b64", "jwk", "jku", "x5u", "x5c"}) {
    for (const auto* value : {"null", "[]", "\"\"", "true", "{}"}) {
      EXPECT_EQ(refusal(R"({"alg":"HS256",")" + std::string(name) + "\":" + value + "}"),
                TokenError::header_refused)
          << name;
    }
  }
  EXPECT_EQ(refusal(R"({"alg":"HS256","\u006awk":{}})"), TokenError::header_refused);
}

TEST(JwtHeaderTest, AlgorithmMustBeAKnownName) {
  for (const auto* name : {"none", "None", "", "hs256", "HS256\\u0000", "ES256K", "RSA1_5"}) {
    EXPECT_EQ(refusal(R"({"alg":")" + std::string(name) + "\"}"), TokenError::algorithm) << name;
  }
  for (const auto* json :
       {"{}", R"({"alg":null})", R"({"alg":256})", R"({"alg":["HS256"]})", R"({"Alg":"HS256"})"}) {
    EXPECT_EQ(refusal(json), TokenError::header_malformed) << json;
  }
}

// RFC 9864 section 2.2.
TEST(JwtHeaderTest, Ed25519IsEdDsa) {
  EXPECT_EQ(read_header(R"({"alg":"Ed25519"})")->algorithm, Algorithm::eddsa);
  EXPECT_EQ(read_header(R"({"alg":"EdDSA"})")->algorithm, Algorithm::eddsa);
  for (const auto* name : {"ed25519", "ED25519", "Ed448", "eddsa", "Ed25519ph"}) {
    EXPECT_EQ(refusal(R"({"alg":")" + std::string(name) + "\"}"), TokenError::algorithm) << name;
  }
}

TEST(JwtHeaderTest, ThumbprintsOfCertificatesAreIgnored) {
  EXPECT_TRUE(read_header(R"({"alg":"ES256","x5t":"AA","x5t#S256":"AA","kid":"k","cty":"json"})"));
}

TEST(JwtHeaderTest, KnownMembersOfTheWrongTypeAreRefused) {
  EXPECT_EQ(refusal(R"({"alg":"HS256","kid":1})"), TokenError::header_malformed);
  EXPECT_EQ(refusal(R"({"alg":"HS256","kid":null})"), TokenError::header_malformed);
  EXPECT_EQ(refusal(R"({"alg":"HS256","typ":null})"), TokenError::header_malformed);
}

TEST(JwtHeaderTest, NothingMayStandTwice) {
  EXPECT_EQ(refusal(R"({"alg":"HS256","alg":"HS256"})"), TokenError::duplicate_member);
  EXPECT_EQ(refusal(R"({"alg":"HS256","\u0061lg":"none"})"), TokenError::duplicate_member);
  EXPECT_EQ(refusal(R"({"alg":"HS256","x":{"y":[{"z":1,"z":1}]}})"), TokenError::duplicate_member);
}

TEST(JwtHeaderTest, OnlyAnObjectIsAHeader) {
  for (const auto* json :
       {"", " ", "null", "[]", "\"alg\"", "{\"alg\":\"HS256\"", "{\"alg\":\"HS256\"}x",
        "{\"alg\":\"HS256\",}", "{'alg':'HS256'}", "\xef\xbb\xbf{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"x\":\"\xff\"}"}) {
    EXPECT_EQ(refusal(json), TokenError::not_json) << json;
  }
}

TEST(JwtHeaderTest, AHeaderHasAtMost64Values) {
  const auto with_members = [](int count) {
    std::string json = R"({"alg":"HS256")";
    for (int i = 1; i < count; ++i) json += ",\"m" + std::to_string(i) + "\":0";
    return json + "}";
  };
  EXPECT_TRUE(read_header(with_members(64)));
  EXPECT_EQ(refusal(with_members(65)), TokenError::not_json);
}

}  // namespace
}  // namespace usher::auth
