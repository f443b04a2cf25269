#include "auth/key_pkey.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "auth/jwt_test_keys.h"
#include "base/bytes.h"

namespace usher::auth {
namespace {

const std::vector<Algorithm> kPublicKeyAlgorithms(test::kAllAlgorithms.begin() + 3,
                                                  test::kAllAlgorithms.end());

class KeyPkeyTest : public testing::TestWithParam<Algorithm> {
 protected:
  const Key signer = test::signing_key(GetParam());
  const Key verifier = test::verifying_key(GetParam());
};

TEST_P(KeyPkeyTest, PublicKeyVerifiesWhatThePrivateOneSigned) {
  const std::string signature = signer.material->sign("input");
  EXPECT_TRUE(verifier.material->verify("input", signature));
  EXPECT_TRUE(signer.material->verify("input", signature));
  EXPECT_FALSE(verifier.material->verify("Input", signature));
  EXPECT_TRUE(signer.material->can_sign());
  EXPECT_FALSE(verifier.material->can_sign());
}

TEST_P(KeyPkeyTest, SignatureHasExactlyOneLength) {
  const std::string signature = signer.material->sign("input");
  EXPECT_FALSE(verifier.material->verify("input", ""));
  EXPECT_FALSE(verifier.material->verify("input", signature.substr(1)));
  EXPECT_FALSE(verifier.material->verify("input", signature.substr(0, signature.size() - 1)));
  EXPECT_FALSE(verifier.material->verify("input", signature + '\0'));
  EXPECT_FALSE(verifier.material->verify("input", '\0' + signature));
}

TEST_P(KeyPkeyTest, ARefusedSignatureLeavesNothingInOpensslsErrorQueue) {
  const std::string signature = signer.material->sign("input");
  EXPECT_FALSE(verifier.material->verify("input", std::string(signature.size(), '\x5a')));
  EXPECT_FALSE(verifier.material->verify("input", std::string(signature.size(), '\0')));
  EXPECT_FALSE(verifier.material->verify("input", std::string(signature.size(), '\xff')));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_P(KeyPkeyTest, SameAsMeansTheSameKeyAndAlgorithm) {
  EXPECT_TRUE(signer.material->same_as(*verifier.material));
  for (const Algorithm other : test::kAllAlgorithms) {
    if (other != GetParam()) {
      EXPECT_FALSE(verifier.material->same_as(*test::verifying_key(other).material));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, KeyPkeyTest, testing::ValuesIn(kPublicKeyAlgorithms),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(KeyPkeyEcdsaTest, SignaturesArePairsOfFixedLength) {
  for (int i = 0; i < 64; ++i) {  // one in 256 has a number with a leading zero byte, which stays
    EXPECT_EQ(test::signing_key(Algorithm::es256).material->sign("input").size(), 64u);
  }
  EXPECT_EQ(test::signing_key(Algorithm::es384).material->sign("input").size(), 96u);
  EXPECT_EQ(test::signing_key(Algorithm::es512).material->sign("input").size(), 132u);
}

TEST(KeyPkeyEcdsaTest, OpensslsOwnFormIsNotASignature) {
  const Key key = test::signing_key(Algorithm::es256);
  const BioPtr bio(BIO_new_mem_buf(test::pem_for(KeyKind::ec_p256).private_pem.data(), -1));
  const PkeyPtr pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const MdContextPtr context(EVP_MD_CTX_new());
  ASSERT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey.get()), 1);
  std::string der(128, '\0');
  std::size_t size = der.size();
  ASSERT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                           as_uchars("input"), 5),
            1);
  der.resize(size);
  EXPECT_FALSE(key.material->verify("input", der));
}

TEST(KeyPkeyRsaTest, OnePaddingIsNotTheOther) {
  const std::string pkcs1 = test::signing_key(Algorithm::rs256).material->sign("input");
  const std::string pss = test::signing_key(Algorithm::ps256).material->sign("input");
  EXPECT_FALSE(test::verifying_key(Algorithm::ps256).material->verify("input", pkcs1));
  EXPECT_FALSE(test::verifying_key(Algorithm::rs256).material->verify("input", pss));
  EXPECT_FALSE(test::verifying_key(Algorithm::rs384).material->verify("input", pkcs1));
}

}  // namespace
}  // namespace usher::auth
