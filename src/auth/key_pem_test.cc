#include <gtest/gtest.h>
#include <openssl/err.h>

#include "auth/jwt_test_keys.h"
#include "auth/key.h"

namespace usher::auth {
namespace {

using enum Algorithm;
using test::pem_for;
using test::public_key_from_pem;
using test::says;

std::string refusal_of_public(const std::string& pem, AllowedAlgorithms allowed = {}) {
  try {
    public_key_from_pem(pem, allowed);
    return "";
  } catch (const KeyError& error) {
    return error.what();
  }
}

TEST(KeyPemTest, TheKeyDecidesItsAlgorithm) {
  EXPECT_EQ(public_key_from_pem(pem_for(KeyKind::rsa).public_pem).algorithm, rs256);
  EXPECT_EQ(public_key_from_pem(pem_for(KeyKind::ec_p256).public_pem).algorithm, es256);
  EXPECT_EQ(public_key_from_pem(pem_for(KeyKind::ec_p384).public_pem).algorithm, es384);
  EXPECT_EQ(public_key_from_pem(pem_for(KeyKind::ec_p521).public_pem).algorithm, es512);
  EXPECT_EQ(public_key_from_pem(pem_for(KeyKind::ed25519).public_pem).algorithm, eddsa);
  const std::vector<Algorithm> allowed{ps512, es256};
  EXPECT_EQ(public_key_from_pem(pem_for(KeyKind::rsa).public_pem, allowed).algorithm, ps512);
  EXPECT_EQ(private_key_from_pem(pem_for(KeyKind::rsa).private_pem, allowed).algorithm, ps512);
  EXPECT_TRUE(says(refusal_of_public(pem_for(KeyKind::ed25519).public_pem, allowed), "EdDSA"));
}

TEST(KeyPemTest, AnRsaKeyServesSeveralConfiguredAlgorithms) {
  const std::vector<Algorithm> allowed{rs256, ps256};
  const auto keys = public_keys_from_pem(pem_for(KeyKind::rsa).public_pem, allowed);
  ASSERT_EQ(keys.size(), 2u);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(keys[i].algorithm, allowed[i]);
    const Key& signer = test::signing_key(allowed[i]);
    EXPECT_TRUE(keys[i].material->verify("input", signer.material->sign("input")));
    EXPECT_FALSE(keys[1 - i].material->verify("input", signer.material->sign("input")));
  }
}

TEST(KeyPemTest, Pkcs1IsAPublicKeyToo) {
  const BioPtr in(BIO_new_mem_buf(pem_for(KeyKind::rsa).public_pem.data(), -1));
  const PkeyPtr pkey(PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_PublicKey(pkey.get(), &der);
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio(out.get(), "RSA PUBLIC KEY", "", der, size);
  OPENSSL_free(der);
  const Key key = public_key_from_pem(test::text_of(out.get()));
  EXPECT_TRUE(key.material->same_as(*test::verifying_key(rs256).material));
}

TEST(KeyPemTest, TextAroundTheKeyIsPassedOver) {
  EXPECT_EQ(refusal_of_public("issuer: example\n" + pem_for(KeyKind::rsa).public_pem + "\nend\n"),
            "");
}

TEST(KeyPemTest, APrivateKeyIsNotTakenForThePublicOne) {
  EXPECT_TRUE(says(refusal_of_public(pem_for(KeyKind::rsa).private_pem), "private key"));
  EXPECT_TRUE(says(refusal_of_public(pem_for(KeyKind::ed25519).private_pem), "private key"));
}

TEST(KeyPemTest, WhatIsNoKeyIsRefusedWithASentence) {
  EXPECT_TRUE(says(refusal_of_public(""), "no public key"));
  EXPECT_TRUE(says(refusal_of_public("ssh-ed25519 AAAA"), "no public key"));
  EXPECT_TRUE(
      says(refusal_of_public("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
           "no public"));
  EXPECT_TRUE(
      says(refusal_of_public("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
           "no public"));
  EXPECT_THROW(private_key_from_pem(pem_for(KeyKind::rsa).public_pem), KeyError);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(KeyPemTest, TwoKeysInOneTextAreRefusedRatherThanOneForgotten) {
  const std::string two = pem_for(KeyKind::rsa).public_pem + pem_for(KeyKind::ec_p256).public_pem;
  EXPECT_TRUE(says(refusal_of_public(two), "several"));
}

TEST(KeyPemTest, TextHasALimit) {
  const std::string pem = pem_for(KeyKind::ec_p256).public_pem;
  EXPECT_EQ(refusal_of_public(std::string(kPemBytesMax - pem.size(), '\n') + pem), "");
  EXPECT_TRUE(
      says(refusal_of_public(std::string(kPemBytesMax - pem.size() + 1, '\n') + pem), "longer"));
}

TEST(KeyPemTest, WeakAndForeignKeysAreRefused) {
  EXPECT_TRUE(says(refusal_of_public(test::make_rsa(1024).public_pem), "1024 bits"));
  EXPECT_TRUE(says(refusal_of_public(test::make_rsa(2040).public_pem), "2040 bits"));
  EXPECT_TRUE(says(refusal_of_public(test::make_ec("secp256k1").public_pem), "curves"));
  EXPECT_TRUE(says(refusal_of_public(test::make_ec("P-224").public_pem), "curves"));
  const auto x25519 = test::pem_of(PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")));
  EXPECT_TRUE(says(refusal_of_public(x25519.public_pem), "neither"));
  const auto ed448 = test::pem_of(PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")));
  EXPECT_TRUE(says(refusal_of_public(ed448.public_pem), "neither"));
}

TEST(KeyPemTest, AnEncryptedPrivateKeyIsRefusedAndNobodyIsAsked) {
  const BioPtr in(BIO_new_mem_buf(pem_for(KeyKind::ec_p256).private_pem.data(), -1));
  const PkeyPtr pkey(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const BioPtr out(BIO_new(BIO_s_mem()));
  const unsigned char passphrase[] = "secret";
  PEM_write_bio_PrivateKey(out.get(), pkey.get(), EVP_aes_128_cbc(), passphrase, 6, nullptr,
                           nullptr);
  try {
    private_key_from_pem(test::text_of(out.get()));
    FAIL();
  } catch (const KeyError& error) {
    EXPECT_TRUE(says(error.what(), "encrypted"));
  }
}

}  // namespace
}  // namespace usher::auth
