#include "auth/jwk_key.h"

#include <gtest/gtest.h>

#include "auth/jwt_test_keys.h"
#include "base/bytes.h"

namespace usher::auth {
namespace {

using test::says;

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

Key key_of(const std::string& json, JwkOptions options = {}) {
  wire::JsonReader reader;
  const auto jwk = reader.parse(json, {.open_levels = 2});
  EXPECT_TRUE(jwk) << json;
  return keys_from_jwk(*jwk, options).at(0);
}

// Why the key can't be used; "none" where it can.
std::string unsuitable(const std::string& members, JwkOptions options = {}) {
  try {
    key_of("{" + members + "}", options);
    return "none";
  } catch (const KeyError& error) {
    return error.what();
  }
}

std::string broken(const std::string& members) { return unsuitable(members); }

TEST(JwkKeyTest, EachKeyHasOneAlgorithm) {
  const auto algorithm = [](const std::string& members, JwkOptions options = {}) {
    return key_of("{" + members + "}", options).algorithm;
  };
  EXPECT_EQ(algorithm(kEc), Algorithm::es256);
  EXPECT_EQ(algorithm(kEd), Algorithm::eddsa);
  EXPECT_EQ(algorithm(kOct + R"(,"alg":"HS512")"), Algorithm::hs512);
  EXPECT_EQ(algorithm(rsa()), Algorithm::rs256);
  EXPECT_EQ(algorithm(rsa() + R"(,"alg":"PS512")"), Algorithm::ps512);
  const std::vector allowed{Algorithm::ps384, Algorithm::es256};
  EXPECT_EQ(algorithm(rsa(), {.allowed = allowed}), Algorithm::ps384);
}

TEST(JwkKeyTest, WithoutAlgAPublicKeyServesAllConfiguredAlgorithmsThatFitIt) {
  wire::JsonReader reader;
  const std::vector allowed{Algorithm::rs256, Algorithm::ps256, Algorithm::es256, Algorithm::hs256};
  const auto algorithms = [&](const std::string& members) {
    std::vector<Algorithm> found;
    const auto jwk = reader.parse("{" + members + R"(,"kid":"k"})");
    for (const Key& key : keys_from_jwk(*jwk, {.allowed = allowed})) {
      EXPECT_EQ(key.kid, "k");
      found.push_back(key.algorithm);
    }
    return found;
  };
  EXPECT_EQ(algorithms(rsa()), (std::vector{Algorithm::rs256, Algorithm::ps256}));
  EXPECT_EQ(algorithms(rsa() + R"(,"alg":"PS256")"), std::vector{Algorithm::ps256});
  EXPECT_EQ(algorithms(kEc), std::vector{Algorithm::es256});
  EXPECT_EQ(algorithms(kOct), std::vector{Algorithm::hs256});
}

// RFC 9864 gave EdDSA with Ed25519 a name of its own.
TEST(JwkKeyTest, Ed25519IsAnotherNameOfItsAlgorithm) {
  EXPECT_EQ(key_of("{" + kEd + R"(,"alg":"Ed25519"})").algorithm, Algorithm::eddsa);
  EXPECT_EQ(key_of("{" + kEd + R"(,"alg":"EdDSA"})").algorithm, Algorithm::eddsa);
  EXPECT_TRUE(says(unsuitable(kEd + R"(,"alg":"Ed448")"), "alg is not supported"));
  EXPECT_TRUE(says(unsuitable(kEc + R"(,"alg":"Ed25519")"), "not one for this type of key"));
}

TEST(JwkKeyTest, ASecretIsAtLeastAsLongAsItsHash) {
  const auto oct = [](std::size_t size, const std::string& alg) {
    return R"("kty":"oct","alg":")" + alg + R"(","k":")" + to_base64url(std::string(size, 'x')) +
           "\"";
  };
  EXPECT_TRUE(says(unsuitable(oct(47, "HS384")), "HS384 needs at least 48"));
  EXPECT_EQ(unsuitable(oct(48, "HS384")), "none");
  EXPECT_TRUE(says(unsuitable(oct(63, "HS512")), "HS512 needs at least 64"));
  EXPECT_EQ(unsuitable(oct(64, "HS512")), "none");
}

TEST(JwkKeyTest, AnAlgThatDoesNotFitTheKeyIsUnsuitable) {
  for (const auto& members :
       {kEc + R"(,"alg":"ES384")", kEc + R"(,"alg":"RS256")", kEd + R"(,"alg":"ES256")",
        kOct + R"(,"alg":"RS256")", rsa() + R"(,"alg":"HS256")"}) {
    EXPECT_TRUE(says(unsuitable(members), "not one for this type of key")) << members;
  }
  for (const auto* alg : {"RSA-OAEP", "none", "", "ES256K", "rs256"}) {
    EXPECT_TRUE(says(unsuitable(rsa() + R"(,"alg":")" + alg + "\""), "alg is not supported"))
        << alg;
  }
}

TEST(JwkKeyTest, KeysOutsideTheConfiguredAlgorithmsAreUnsuitable) {
  const std::vector allowed{Algorithm::eddsa, Algorithm::es384};
  EXPECT_TRUE(says(unsuitable(kEc, {.allowed = allowed}), "jwt.algorithms"));
  EXPECT_TRUE(
      says(unsuitable(rsa() + R"(,"alg":"RS256")", {.allowed = allowed}), "jwt.algorithms"));
}

TEST(JwkKeyTest, KeysForOtherUsesAreUnsuitable) {
  EXPECT_TRUE(says(unsuitable(kEc + R"(,"use":"enc")"), "use"));
  EXPECT_TRUE(says(unsuitable(kEc + R"(,"key_ops":["sign"])"), "key_ops"));
  EXPECT_TRUE(says(unsuitable(kEc + R"(,"key_ops":[])"), "key_ops"));
  EXPECT_EQ(unsuitable(kEc + R"(,"use":"sig","key_ops":["sign","verify"])"), "none");
}

TEST(JwkKeyTest, UnknownTypesAndCurvesAreUnsuitable) {
  EXPECT_TRUE(says(unsuitable(R"("kty":"AKP","alg":"ML-DSA-44","pub":"AA")"), "kty"));
  EXPECT_TRUE(says(unsuitable(R"("kty":"rsa")"), "kty"));
  EXPECT_TRUE(says(unsuitable(R"("kty":"EC","crv":"secp256k1","x":"AA","y":"AA")"), "curve"));
  EXPECT_TRUE(says(unsuitable(R"("kty":"OKP","crv":"X25519","x":"AA")"), "curve"));
  EXPECT_TRUE(says(unsuitable(R"("kty":"OKP","crv":"Ed448","x":"AA")"), "curve"));
}

TEST(JwkKeyTest, RsaKeysOfTheWrongSizeAreUnsuitable) {
  EXPECT_TRUE(says(unsuitable(rsa_members(fresh_modulus(1024))), "1024 bits"));
  EXPECT_TRUE(says(unsuitable(rsa_members(fresh_modulus(2040))), "2040 bits"));
  EXPECT_TRUE(says(unsuitable(rsa_members(std::string(1025, '\xff'))), "8200 bits"));
  EXPECT_TRUE(says(unsuitable(rsa_members(std::string(2049, '\xff'))), "too long"));
}

TEST(JwkKeyTest, RsaKeysThatNobodyWouldMakeAreUnsuitable) {
  EXPECT_TRUE(says(unsuitable(rsa_members(good_modulus(), "AQ")), "exponent"));    // 1
  EXPECT_TRUE(says(unsuitable(rsa_members(good_modulus(), "AQAA")), "exponent"));  // 65536
  EXPECT_TRUE(
      says(unsuitable(rsa_members(good_modulus(), "AQAAAAAAAAAB")), "exponent"));   // 65 bits
  EXPECT_TRUE(says(unsuitable(rsa_members(std::string(256, '\xfe'))), "modulus"));  // even
  EXPECT_EQ(unsuitable(rsa_members(good_modulus(), "Aw")), "none");                 // 3
}

TEST(JwkKeyTest, WhatEverybodyCanReadIsNoSecret) {
  const JwkOptions url{.source = JwkSource::url};
  EXPECT_TRUE(says(unsuitable(kOct, url), "secret"));
  EXPECT_TRUE(says(unsuitable(kEc + R"(,"d":"AA")", url), "private"));
  EXPECT_EQ(unsuitable(kOct), "none");
  EXPECT_EQ(unsuitable(kEc + R"(,"d":"AA")"), "none");
}

TEST(JwkKeyTest, OnePrivateJwkIsOnlyEverAPublicKey) {
  const Key key = key_of("{" + kEc + R"(,"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})");
  EXPECT_FALSE(key.material->can_sign());
}

TEST(JwkKeyTest, ABrokenKeySaysWhatIsBroken) {
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
  EXPECT_THROW(key_of("[]"), KeyError);
  EXPECT_THROW(key_of("1"), KeyError);
}

TEST(JwkKeyTest, APointMustLieOnItsCurve) {
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

TEST(JwkKeyTest, NoErrorTellsASecret) {
  const std::string secret = to_base64url("a secret of no use");
  EXPECT_EQ(broken(R"("kty":"oct","k":")" + secret + "\"").find(secret), std::string::npos);
  EXPECT_EQ(broken(R"("kty":"oct","k":")" + secret + "=\"").find(secret), std::string::npos);
}

}  // namespace
}  // namespace usher::auth
