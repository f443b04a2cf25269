#include "auth/jwt_algorithm.h"

#include <gtest/gtest.h>

#include "auth/jwt_test_keys.h"

namespace usher::auth {
namespace {

TEST(JwtAlgorithmTest, EachNameMeansItsAlgorithmAndBack) {
  EXPECT_EQ(test::kAllAlgorithms.size(), 13u);
  for (const Algorithm algorithm : test::kAllAlgorithms) {
    EXPECT_EQ(algorithm_from(to_string(algorithm)), algorithm);
  }
  EXPECT_EQ(algorithm_from("EdDSA"), Algorithm::eddsa);
  EXPECT_EQ(algorithm_from("PS384"), Algorithm::ps384);
  EXPECT_EQ(algorithm_from("Ed25519"), Algorithm::eddsa);  // RFC 9864
}

TEST(JwtAlgorithmTest, NothingElseIsAnAlgorithm) {
  for (const auto* name : {"", "none", "None", "NONE", "hs256", "HS256 ", "ES256K", "RSA-OAEP",
                           "dir", "ed25519", "Ed448"}) {
    EXPECT_FALSE(algorithm_from(name)) << name;
  }
}

TEST(JwtAlgorithmTest, FamiliesKnowTheirKeysAndHashes) {
  EXPECT_EQ(kind_of(Algorithm::hs512), KeyKind::secret);
  EXPECT_EQ(kind_of(Algorithm::ps256), KeyKind::rsa);
  EXPECT_EQ(kind_of(Algorithm::es512), KeyKind::ec_p521);
  EXPECT_EQ(hash_of(Algorithm::es384), Hash::sha384);
  EXPECT_EQ(size_bytes(Hash::sha384), 48u);
  EXPECT_EQ(hash_of(Algorithm::eddsa), std::nullopt);
  EXPECT_TRUE(is_pss(Algorithm::ps512));
  EXPECT_FALSE(is_pss(Algorithm::rs512));
}

}  // namespace
}  // namespace usher::auth
