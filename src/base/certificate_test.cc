#include "base/certificate.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "support/test_certificate.h"

namespace usher {
namespace {

using Text = std::string;

template <class Write>
Text written(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  EXPECT_EQ(write(out.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

struct Pair : test::TestCertificate {
  Pair() : test::TestCertificate(test::make_test_certificate("DNS:gw.example")) {}

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(
        BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())), BIO_free);
    return {PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  }
  std::unique_ptr<X509, decltype(&X509_free)> certificate() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(
        BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())),
        BIO_free);
    return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
  }
  Text encrypted_key(bool traditional) const {
    char passphrase[] = "secret";
    return written([&](BIO* out) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(passphrase);
      return traditional ? PEM_write_bio_PrivateKey_traditional(out, key().get(), EVP_aes_256_cbc(),
                                                                bytes, 6, nullptr, nullptr)
                         : PEM_write_bio_PrivateKey(out, key().get(), EVP_aes_256_cbc(), bytes, 6,
                                                    nullptr, nullptr);
    });
  }
  Text public_key() const {
    return written([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key().get()); });
  }
  Text der_certificate() const {
    return written([&](BIO* out) { return i2d_X509_bio(out, certificate().get()); });
  }
  Text der_key() const {
    return written([&](BIO* out) { return i2d_PrivateKey_bio(out, key().get()); });
  }
};

Text complaint(const Text& certificate, const Text& key) {
  try {
    const Certificate read({"tls.certificate_file", "/c.pem", certificate},
                           {"tls.key_file", "/k.pem", key});
    return {};
  } catch (const CertificateError& error) {
    EXPECT_EQ(ERR_peek_error(), 0u) << "an error left behind is taken for a connection's";
    return error.what();
  }
}

#define EXPECT_SAYS(sentence, part) \
  EXPECT_NE((sentence).find(part), std::string::npos) << "it says: " << (sentence)

class CertificateTest : public testing::Test {
 protected:
  const Pair mine;
  const Pair others;
};

TEST_F(CertificateTest, APairIsReadAlsoFromOneFileAndWithTextAround) {
  EXPECT_EQ(complaint(mine.certificate_pem, mine.key_pem), "");
  const Text both = "subject: gw\n" + mine.key_pem + "\n" + mine.certificate_pem;
  EXPECT_EQ(complaint(both, both), "");
}

TEST_F(CertificateTest, TheKeyOfAnotherCertificateIsCalledThat) {
  const Text said = complaint(mine.certificate_pem, others.key_pem);
  EXPECT_TRUE(said.starts_with("tls.key_file: '/k.pem' is the key of another certificate")) << said;
  EXPECT_SAYS(said, "openssl x509 -noout -pubkey -in /c.pem");
}

TEST_F(CertificateTest, AnEncryptedKeyIsRefusedAndNobodyIsAsked) {
  for (const bool traditional : {false, true}) {
    const Text said = complaint(mine.certificate_pem, mine.encrypted_key(traditional));
    EXPECT_SAYS(said, "tls.key_file: '/k.pem' is encrypted");
    EXPECT_SAYS(said, "openssl pkey -in /k.pem");
  }
}

TEST_F(CertificateTest, AChainThatDoesNotBeginWithItsLeafIsToldWhereTheLeafIs) {
  const Text said = complaint(others.certificate_pem + mine.certificate_pem, mine.key_pem);
  EXPECT_SAYS(said, "tls.certificate_file: '/c.pem' begins with another certificate than its own");
  EXPECT_SAYS(said, "belongs to number 2");
}

TEST_F(CertificateTest, WhatAFileHoldsInsteadIsNamed) {
  EXPECT_SAYS(complaint("", mine.key_pem), "'/c.pem' is empty");
  EXPECT_SAYS(complaint(" \n", mine.key_pem), "'/c.pem' is empty");
  EXPECT_SAYS(complaint("garbage", mine.key_pem), "holds no PEM certificate");
  EXPECT_SAYS(complaint(mine.key_pem, mine.certificate_pem), "swapped");
  EXPECT_SAYS(complaint(mine.certificate_pem, mine.certificate_pem), "swapped");
  EXPECT_SAYS(complaint(mine.certificate_pem, ""), "'/k.pem' is empty");
  EXPECT_SAYS(complaint(mine.certificate_pem, "garbage"), "holds no PEM private key");
  EXPECT_SAYS(complaint(mine.certificate_pem, mine.public_key()), "holds a public key");
  EXPECT_SAYS(complaint(mine.der_certificate(), mine.key_pem),
              "openssl x509 -inform der -in /c.pem");
  EXPECT_SAYS(complaint(mine.certificate_pem, mine.der_key()),
              "openssl pkey -inform der -in /k.pem");
  EXPECT_SAYS(complaint(mine.certificate_pem, mine.der_certificate()), "swapped");
  EXPECT_SAYS(complaint(mine.der_key(), mine.key_pem), "swapped");
  EXPECT_SAYS(complaint("-----BEGIN CERTIFICATE REQUEST-----\n", mine.key_pem), "(CSR)");
}

TEST_F(CertificateTest, AFileThatIsCutOffIsCalledThat) {
  const Text& whole = mine.certificate_pem;
  EXPECT_SAYS(complaint(whole.substr(0, whole.size() / 2), mine.key_pem), "number 1 in it");
  EXPECT_SAYS(complaint(whole + whole.substr(0, whole.size() / 2), mine.key_pem), "number 2 in it");
  const Text& key = mine.key_pem;
  EXPECT_SAYS(complaint(whole, key.substr(0, key.size() / 2)), "cut off");
}

TEST_F(CertificateTest, SoManyCertificatesAreNoChain) {
  Text many;
  for (int i = 0; i < 32; ++i) many += mine.certificate_pem;
  EXPECT_EQ(complaint(many, mine.key_pem), "");
  EXPECT_SAYS(complaint(many + mine.certificate_pem, mine.key_pem), "more than 32 certificates");
}

TEST_F(CertificateTest, WhatClientsMayRefuseIsAConcern) {
  const auto concerns = [&](const Text& chain, std::int64_t from_now_s) {
    const Certificate read({"tls.certificate_file", "/c.pem", chain},
                           {"tls.key_file", "/k.pem", mine.key_pem});
    const WallTime now{std::chrono::seconds(time(nullptr) + from_now_s)};
    Text all;
    for (const Text& concern : read.concerns(now)) all += concern;
    return all;
  };
  EXPECT_EQ(concerns(mine.certificate_pem, 0), "");
  EXPECT_SAYS(concerns(mine.certificate_pem, 7200), "expired at");
  EXPECT_SAYS(concerns(mine.certificate_pem, -7200), "not valid before");
}

}  // namespace
}  // namespace usher
