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
  EXPECT_TRUE(says(refusal(R"({"keys":[],"keys":[]})"), "same member twice"));
}

// RFC 7517 section 5. The good key stands behind the odd one, and before it.
TEST(JwkSetTest, AnOddKeyCostsItselfAndIsNamed) {
  const std::string short_x = to_base64url(from_base64url(kX)->substr(1));
  const std::pair<std::string, const char*> kOdd[] = {
      {"1", "key 2: it is not a JSON object"},
      {"null", "key 2: it is not a JSON object"},
      {"[]", "key 2: it is not a JSON object"},
      {"{}", "key 2: kty is missing"},
      {R"({"kid":"b","kty":"oct"})", "key 2 (kid 'b'): it is a secret"},
      {R"({"kid":"b","kty":"RSA","e":"AQAB"})", "key 2 (kid 'b'): n is missing"},
      {R"({"kid":"b","kty":"AKP"})", "key 2 (kid 'b'): its kty is not"},
      {R"({"kid":7,)" + kEc + "}", "key 2: kid is not a string"},
      {R"({"kid":"b","use":null,)" + kEc + "}", "key 2 (kid 'b'): use is not a string"},
      {R"({"kid":"b","use":"enc",)" + kEc + "}", "key 2 (kid 'b'): its use is not sig"},
      {R"({"kid":"b","key_ops":"verify",)" + kEc + "}", "key 2 (kid 'b'): key_ops is not"},
      {R"({"kid":"b","alg":null,)" + kEc + "}", "key 2 (kid 'b'): alg is not a string"},
      {R"({"kid":"b","kty":"EC","crv":"P-256","x":")" + short_x + R"(","y":")" + kY + "\"}",
       "key 2 (kid 'b'): x has 31 bytes, not 32"},
      {R"({"kid":"b","kty":"EC","crv":"P-256","x":")" + kY + R"(","y":")" + kX + "\"}",
       "key 2 (kid 'b'): x and y are not a point"},
      {R"({"kid":"b","kty":"RSA","e":"AQAB","n":"AQAB"})", "key 2 (kid 'b'): the RSA key has"},
      {"{" + kEc + "," + kEc + "}", "key 2: it has the same member twice"},
      {R"({"x5c":[{"a":1,"a":2}],)" + kEc + "}", "key 2: it has the same member twice"},
  };
  for (const auto& [odd, sentence] : kOdd) {
    const JwkSet set =
        parse("{" + kEd + "}," + odd + ",{" + kEd + R"(,"kid":"z"})", {.source = JwkSource::url});
    EXPECT_EQ(set.keys.keys().size(), 2u) << odd;
    ASSERT_EQ(set.skipped.size(), 1u) << odd;
    EXPECT_EQ(set.skipped_count, 1u);
    EXPECT_TRUE(set.skipped[0].starts_with(sentence)) << set.skipped[0];
  }
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

TEST(JwkSetTest, TwoKeysWithOneKidAreBothUsed) {
  const std::string kid = R"(,"kid":"a\u001b"})";
  const JwkSet set = parse("{" + kEc + kid + ",{" + kEd + kid + R"(,{"kty":"x","kid":"a\u001b"})");
  ASSERT_EQ(set.keys.keys().size(), 2u);
  EXPECT_EQ(set.keys.keys()[0].kid, set.keys.keys()[1].kid);
  EXPECT_TRUE(says(set.skipped.at(0), "key 3 (kid 'a?'): its kty"));
}

TEST(JwkSetTest, SetsAreBounded) {
  const auto of_keys = [](std::size_t count) {
    std::string jwks;
    for (std::size_t i = 0; i < count; ++i) jwks += (i > 0 ? ",{" : "{") + kEd + "}";
    return R"({"keys":[)" + jwks + "]}";
  };
  EXPECT_EQ(refusal(of_keys(KeySet::kKeysMax)), "none");
  const JwkSet over = parse_jwk_set(of_keys(KeySet::kKeysMax + 1));
  EXPECT_EQ(over.keys.keys().size(), KeySet::kKeysMax);
  EXPECT_EQ(over.skipped, std::vector{"key 33: there are more than 32 keys"s});
  const std::string one = of_keys(1);
  EXPECT_EQ(refusal(one + std::string(kJwkSetBytesMax - one.size(), ' ')), "none");
  EXPECT_TRUE(
      says(refusal(one + std::string(kJwkSetBytesMax - one.size() + 1, ' ')), "longer than 65536"));
}

TEST(JwkSetTest, SkippedKeysTakeNoPlaceAndTheirSentencesAreBounded) {
  std::string jwks;
  for (int i = 0; i < 100; ++i) jwks += "1,";
  const JwkSet set = parse(jwks + "{" + kEd + "}");
  EXPECT_EQ(set.keys.keys().size(), 1u);
  EXPECT_EQ(set.skipped_count, 100u);
  ASSERT_EQ(set.skipped.size(), kSkippedShownMax + 1);
  EXPECT_EQ(set.skipped.back(), "and 68 more");
}

}  // namespace
}  // namespace usher::auth
