#include "auth/jwk_set.h"

#include <gtest/gtest.h>

#include "auth/jwt_test_keys.h"
#include "base/bytes.h"

namespace usher::auth {
namespace {

using test::says;
using namespace std::string_literals;

const std::string kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const std::string kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const std::string kEc = R"("kty":"EC","crv":"P-256","x":")" + kX + R"(","y":")" + kY + "\"";
const std::string kEd =
    R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";

JwkSet parse(const std::string& jwks, JwkOptions options = {}) {
  return parse_jwk_set(R"({"keys":[)" + jwks + "]}", options);
}

std::string refusal(const std::string& json, JwkOptions options = {}) {
  try {
    parse_jwk_set(json, options);
    return "none";
  } catch (const KeyError& error) {
    return error.what();
  }
}

// RFC 7517 appendix A.1: one key to encrypt to, one to verify with.
TEST(JwkSetTest, Rfc7517sPublicKeys) {
  const JwkSet set = parse(
      R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
      R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},)"
      R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxu)"
      R"(hDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQ)"
      R"(R0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQF)"
      R"(h6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB",)"
      R"("alg":"RS256","kid":"2011-04-29"})");
  ASSERT_EQ(set.keys.keys().size(), 1u);
  EXPECT_EQ(set.keys.keys()[0].algorithm, Algorithm::rs256);
  EXPECT_EQ(set.keys.keys()[0].kid, "2011-04-29");
  EXPECT_EQ(set.skipped, std::vector{"key 1 (kid '1'): its use is not sig"s});
}

// RFC 7517 appendix A.3: one key to wrap with, one for HMAC.
TEST(JwkSetTest, Rfc7517sSymmetricKeys) {
  const JwkSet set = parse(
      R"({"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"},)"
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",)"
      R"("kid":"HMAC key used in JWS spec Appendix A.1 example"})");
  ASSERT_EQ(set.keys.keys().size(), 1u);
  EXPECT_EQ(set.keys.keys()[0].algorithm, Algorithm::hs256);
  EXPECT_TRUE(says(set.skipped.at(0), "alg is not supported"));
}

TEST(JwkSetTest, WhatIsNoJwkSetIsRefusedWithASentence) {
  for (const auto* json :
       {"", "null", "[]", "{}", R"({"keys":{}})", R"({"keys":null})", R"({"Keys":[]})",
        R"({"keys":[]} )"
        "x",
        R"({"kty":"oct","k":"AA"})"}) {
    EXPECT_TRUE(says(refusal(json), "not a JWK set")) << json;
  }
  EXPECT_TRUE(says(refusal("{\"keys\":[{" + kEc + "," + kEc + "}]}"), "same member twice"));
  EXPECT_TRUE(says(refusal(R"({"keys":[],"keys":[]})"), "same member twice"));
}

TEST(JwkSetTest, ABrokenKeyFailsTheSetAndIsNamed) {
  EXPECT_TRUE(says(refusal("{\"keys\":[{" + kEd + "},1]}"),
                   "key 2 of the JWK set: it is not a JSON object"));
  EXPECT_TRUE(says(refusal("{\"keys\":[{" + kEd + R"(},{"kid":"b","kty":"oct"}]})"),
                   "key 2 (kid 'b') of the JWK set: k is missing"));
}

TEST(JwkSetTest, KeysInASetAreReadAsTheSourceAllows) {
  const std::string oct = R"({"kty":"oct","k":")" + to_base64url(test::kSecret) + "\"}";
  EXPECT_EQ(parse("{" + kEd + "}," + oct).keys.keys().size(), 2u);
  const JwkSet from_url = parse("{" + kEd + "}," + oct, {.source = JwkSource::url});
  EXPECT_EQ(from_url.keys.keys().size(), 1u);
  EXPECT_EQ(from_url.skipped.size(), 1u);
}

TEST(JwkSetTest, ASetWithoutAUsableKeySaysWhy) {
  EXPECT_TRUE(says(refusal(R"({"keys":[]})"), "no key that tokens can be verified with"));
  EXPECT_TRUE(
      says(refusal(R"({"keys":[{"kty":"AKP","kid":"a"},{)" + kEc + R"(,"use":"enc"}]})"),
           "with: key 1 (kid 'a'): its kty is not RSA, EC, OKP or oct; key 2: its use is not sig"));
}

TEST(JwkSetTest, TwoKeysWithOneKidAreRefused) {
  const std::string kid = R"(,"kid":"a\u001b"})";
  EXPECT_TRUE(says(refusal("{\"keys\":[{" + kEc + kid + ",{" + kEd + kid + "]}"),
                   "key 2 (kid 'a?') of the JWK set: two keys have the same kid"));
  EXPECT_EQ(parse("{" + kEc + R"(,"use":"enc")" + kid + ",{" + kEd + kid).keys.keys().size(), 1u);
}

TEST(JwkSetTest, SetsAreBounded) {
  const auto of_keys = [](std::size_t count) {
    std::string jwks;
    for (std::size_t i = 0; i < count; ++i) jwks += (i > 0 ? ",{" : "{") + kEd + "}";
    return R"({"keys":[)" + jwks + "]}";
  };
  EXPECT_EQ(refusal(of_keys(KeySet::kKeysMax)), "none");
  EXPECT_TRUE(says(refusal(of_keys(KeySet::kKeysMax + 1)), "more than 32 keys"));
  const std::string one = of_keys(1);
  EXPECT_EQ(refusal(one + std::string(kJwkSetBytesMax - one.size(), ' ')), "none");
  EXPECT_TRUE(
      says(refusal(one + std::string(kJwkSetBytesMax - one.size() + 1, ' ')), "longer than 65536"));
}

}  // namespace
}  // namespace usher::auth
