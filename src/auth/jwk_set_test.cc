#include "auth/jwk_set.h"

#include <gtest/gtest.h>

#include "auth/jwt_test_keys.h"
#include "base/bytes.h"

namespace usher::auth {
namespace {

using namespace std::string_literals;

const std::string kOct = R"("kty":"oct","k":")" + to_base64url(test::kSecret) + "\"";
const std::string kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const std::string kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const std::string kEc = R"("kty":"EC","crv":"P-256","x":")" + kX + R"(","y":")" + kY + "\"";
const std::string kEd =
    R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";

// An RSA key's public numbers, as JWK members.
std::string rsa_members(const std::string& modulus, const std::string& e = "AQAB") {
  return R"("kty":"RSA","e":")" + e + R"(","n":")" + to_base64url(modulus) + "\"";
}

std::string fresh_modulus(std::size_t bits) {
  const PkeyPtr pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
  BIGNUM* n = nullptr;
  EVP_PKEY_get_bn_param(pkey.get(), "n", &n);
  const BignumPtr modulus(n);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(n)), '\0');
  BN_bn2bin(n, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

const std::string& good_modulus() {
  static const std::string modulus = fresh_modulus(2048);
  return modulus;
}

std::string rsa() { return rsa_members(good_modulus()); }

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

// Beside a good key, so that what is skipped leaves something.
std::string skipped(const std::string& members, JwkOptions options = {}) {
  const JwkSet set = parse("{" + kEd + "},{" + members + "}", options);
  EXPECT_EQ(set.keys.keys().size(), 2 - set.skipped.size());
  return set.skipped.empty() ? "none" : set.skipped.at(0);
}

std::string broken(const std::string& members) {
  return refusal(R"({"keys":[{)" + members + "}]}");
}

testing::AssertionResult says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << text << "\" does not say \"" << part << '"';
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

TEST(JwkSetTest, EachKeyHasOneAlgorithm) {
  const auto algorithm = [](const std::string& members, JwkOptions options = {}) {
    return parse("{" + members + "}", options).keys.keys().at(0).algorithm;
  };
  EXPECT_EQ(algorithm(kEc), Algorithm::es256);
  EXPECT_EQ(algorithm(kEd), Algorithm::eddsa);
  EXPECT_EQ(algorithm(kOct + R"(,"alg":"HS512")"), Algorithm::hs512);
  EXPECT_EQ(algorithm(rsa()), Algorithm::rs256);
  EXPECT_EQ(algorithm(rsa() + R"(,"alg":"PS512")"), Algorithm::ps512);
  const std::vector allowed{Algorithm::ps384, Algorithm::es256};
  EXPECT_EQ(algorithm(rsa(), {.allowed = allowed}), Algorithm::ps384);
}

TEST(JwkSetTest, AnAlgThatDoesNotFitTheKeyIsSkipped) {
  for (const auto& members :
       {kEc + R"(,"alg":"ES384")", kEc + R"(,"alg":"RS256")", kEd + R"(,"alg":"ES256")",
        kOct + R"(,"alg":"RS256")", rsa() + R"(,"alg":"HS256")"}) {
    EXPECT_TRUE(says(skipped(members), "not one for this type of key")) << members;
  }
  for (const auto* alg : {"RSA-OAEP", "none", "", "ES256K", "rs256"}) {
    EXPECT_TRUE(says(skipped(rsa() + R"(,"alg":")" + alg + "\""), "alg is not supported")) << alg;
  }
}

TEST(JwkSetTest, KeysOutsideTheConfiguredAlgorithmsAreSkipped) {
  const std::vector allowed{Algorithm::eddsa, Algorithm::es384};
  EXPECT_TRUE(says(skipped(kEc, {.allowed = allowed}), "jwt.algorithms"));
  EXPECT_TRUE(says(skipped(rsa() + R"(,"alg":"RS256")", {.allowed = allowed}), "jwt.algorithms"));
}

TEST(JwkSetTest, KeysForOtherUsesAreSkipped) {
  EXPECT_TRUE(says(skipped(kEc + R"(,"use":"enc")"), "use"));
  EXPECT_TRUE(says(skipped(kEc + R"(,"key_ops":["sign"])"), "key_ops"));
  EXPECT_TRUE(says(skipped(kEc + R"(,"key_ops":[])"), "key_ops"));
  EXPECT_EQ(skipped(kEc + R"(,"use":"sig","key_ops":["sign","verify"])"), "none");
}

TEST(JwkSetTest, UnknownTypesAndCurvesAreSkipped) {
  EXPECT_TRUE(says(skipped(R"("kty":"AKP","alg":"ML-DSA-44","pub":"AA")"), "kty"));
  EXPECT_TRUE(says(skipped(R"("kty":"rsa")"), "kty"));
  EXPECT_TRUE(says(skipped(R"("kty":"EC","crv":"secp256k1","x":"AA","y":"AA")"), "curve"));
  EXPECT_TRUE(says(skipped(R"("kty":"OKP","crv":"X25519","x":"AA")"), "curve"));
  EXPECT_TRUE(says(skipped(R"("kty":"OKP","crv":"Ed448","x":"AA")"), "curve"));
}

TEST(JwkSetTest, RsaKeysOfTheWrongSizeAreSkipped) {
  EXPECT_TRUE(says(skipped(rsa_members(fresh_modulus(1024))), "1024 bits"));
  EXPECT_TRUE(says(skipped(rsa_members(fresh_modulus(2040))), "2040 bits"));
  EXPECT_TRUE(says(skipped(rsa_members(std::string(1025, '\xff'))), "8200 bits"));
  EXPECT_TRUE(says(skipped(rsa_members(std::string(2049, '\xff'))), "too long"));
}

TEST(JwkSetTest, RsaKeysThatNobodyWouldMakeAreSkipped) {
  EXPECT_TRUE(says(skipped(rsa_members(good_modulus(), "AQ")), "exponent"));            // 1
  EXPECT_TRUE(says(skipped(rsa_members(good_modulus(), "AQAA")), "exponent"));          // 65536
  EXPECT_TRUE(says(skipped(rsa_members(good_modulus(), "AQAAAAAAAAAB")), "exponent"));  // 65 bits
  EXPECT_TRUE(says(skipped(rsa_members(std::string(256, '\xfe'))), "modulus"));         // even
  EXPECT_EQ(skipped(rsa_members(good_modulus(), "Aw")), "none");                        // 3
}

TEST(JwkSetTest, WhatEverybodyCanReadIsNoSecret) {
  const JwkOptions url{.source = JwkSource::url};
  EXPECT_TRUE(says(skipped(kOct, url), "secret"));
  EXPECT_TRUE(says(skipped(kEc + R"(,"d":"AA")", url), "private"));
  EXPECT_EQ(skipped(kOct), "none");
  EXPECT_EQ(skipped(kEc + R"(,"d":"AA")"), "none");
}

TEST(JwkSetTest, OnePrivateJwkIsOnlyEverAPublicKey) {
  const JwkSet set = parse("{" + kEc + R"(,"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})");
  EXPECT_FALSE(set.keys.keys().at(0).material->can_sign());
}

TEST(JwkSetTest, ABrokenKeyFailsTheSet) {
  EXPECT_TRUE(says(broken(""), "kty is missing"));
  EXPECT_TRUE(says(broken(R"("kty":1)"), "kty is not a string"));
  EXPECT_TRUE(says(broken(kEc + R"(,"kid":1)"), "kid is not a string"));
  EXPECT_TRUE(says(broken(kEc + R"(,"use":["sig"])"), "use is not a string"));
  EXPECT_TRUE(says(broken(kEc + R"(,"alg":null)"), "alg is not a string"));
  EXPECT_TRUE(says(broken(kEc + R"(,"key_ops":"verify")"), "key_ops is not an array"));
  EXPECT_TRUE(says(broken(kEc + R"(,"key_ops":[1])"), "array of strings"));
  EXPECT_TRUE(says(broken(R"("kty":"EC")"), "crv is missing"));
  EXPECT_TRUE(says(broken(R"("kty":"EC","crv":"P-256","x":")" + kX + "\""), "y is missing"));
  EXPECT_TRUE(says(broken(R"("kty":"RSA","n":"AQAB")"), "e is missing"));
  EXPECT_TRUE(says(broken(R"("kty":"RSA","e":"AQAB","n":"")"), "n is not base64url"));
  EXPECT_TRUE(says(broken(R"("kty":"RSA","e":"AQAB=","n":"AQAB")"), "e is not base64url"));
  EXPECT_TRUE(says(broken(R"("kty":"RSA","e":"AAEAAQ","n":"AQAB")"), "leading zeros"));
  EXPECT_TRUE(says(broken(R"("kty":"oct")"), "k is missing"));
  EXPECT_TRUE(
      says(broken(R"("kty":"oct","k":")" + to_base64url(std::string(31, 'x')) + "\""), "31 bytes"));
  EXPECT_TRUE(says(refusal(R"({"keys":[1]})"), "key 1 of the JWK set: it is not a JSON object"));
}

TEST(JwkSetTest, APointMustLieOnItsCurve) {
  EXPECT_TRUE(says(broken(R"("kty":"EC","crv":"P-256","x":")" + kY + R"(","y":")" + kX + "\""),
                   "not a point"));
  const std::string zero = to_base64url(std::string(32, '\0'));
  EXPECT_TRUE(says(broken(R"("kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + "\""),
                   "not a point"));
  EXPECT_TRUE(says(broken(R"("kty":"EC","crv":"P-384","x":")" + kX + R"(","y":")" + kY + "\""),
                   "x has 32 bytes, not 48"));
  EXPECT_TRUE(says(broken(R"("kty":"EC","crv":"P-256","x":")" +
                          to_base64url('\0' + *from_base64url(kX)) + R"(","y":")" + kY + "\""),
                   "x has 33 bytes"));
  EXPECT_TRUE(says(broken(R"("kty":"OKP","crv":"Ed25519","x":"AAAA")"), "x has 3 bytes, not 32"));
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

TEST(JwkSetTest, NoErrorTellsASecret) {
  const std::string secret = to_base64url("a secret of no use");
  EXPECT_EQ(broken(R"("kty":"oct","k":")" + secret + "\"").find(secret), std::string::npos);
  EXPECT_EQ(broken(R"("kty":"oct","k":")" + secret + "=\"").find(secret), std::string::npos);
}

}  // namespace
}  // namespace usher::auth
