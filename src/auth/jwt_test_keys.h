// Keys for tests. OpenSSL generates each on first use, one of each kind per process.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <map>
#include <string>
#include <vector>

#include "auth/key.h"
#include "auth/key_openssl.h"

namespace usher::test {

using namespace auth;

// Long enough for all HS algorithms.
inline const std::string kSecret =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
inline const std::string kOtherSecret =
    "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

inline const std::vector<Algorithm> kAllAlgorithms{
    Algorithm::hs256, Algorithm::hs384, Algorithm::hs512, Algorithm::rs256, Algorithm::rs384,
    Algorithm::rs512, Algorithm::ps256, Algorithm::ps384, Algorithm::ps512, Algorithm::es256,
    Algorithm::es384, Algorithm::es512, Algorithm::eddsa};

struct PemPair {
  std::string private_pem;
  std::string public_pem;
};

inline std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

inline PemPair pem_of(PkeyPtr pkey) {
  const BioPtr private_bio(BIO_new(BIO_s_mem()));
  const BioPtr public_bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(private_bio.get(), pkey.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_PUBKEY(public_bio.get(), pkey.get());
  return {text_of(private_bio.get()), text_of(public_bio.get())};
}

inline PemPair make_rsa(std::size_t bits) {
  return pem_of(PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits)));
}

inline PemPair make_ec(const char* curve) {
  return pem_of(PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve)));
}

inline PemPair make_pair(KeyKind kind) {
  switch (kind) {
    case KeyKind::secret:
      return {};
    case KeyKind::rsa:
      return make_rsa(2048);
    case KeyKind::ec_p256:
      return make_ec("P-256");
    case KeyKind::ec_p384:
      return make_ec("P-384");
    case KeyKind::ec_p521:
      return make_ec("P-521");
    case KeyKind::ed25519:
      return pem_of(PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
  }
  return {};
}

inline const PemPair& pem_for(KeyKind kind) {
  static std::map<KeyKind, PemPair> pairs;
  const auto found = pairs.find(kind);
  return found != pairs.end() ? found->second : pairs.emplace(kind, make_pair(kind)).first->second;
}

// For a key with one algorithm.
inline Key public_key_from_pem(const std::string& pem, AllowedAlgorithms allowed = {}) {
  return public_keys_from_pem(pem, allowed).at(0);
}

inline Key with_kid(Key key, const std::string& kid) {
  key.kid = kid;
  return key;
}

inline const Key& signing_key(Algorithm algorithm) {
  static std::map<Algorithm, Key> keys;
  if (!keys.contains(algorithm)) {
    keys[algorithm] =
        kind_of(algorithm) == KeyKind::secret
            ? secret_key(kSecret, algorithm)
            : private_key_from_pem(pem_for(kind_of(algorithm)).private_pem, {&algorithm, 1});
  }
  return keys[algorithm];
}

inline const Key& verifying_key(Algorithm algorithm) {
  static std::map<Algorithm, Key> keys;
  if (!keys.contains(algorithm)) {
    keys[algorithm] =
        kind_of(algorithm) == KeyKind::secret
            ? secret_key(kSecret, algorithm)
            : public_key_from_pem(pem_for(kind_of(algorithm)).public_pem, {&algorithm, 1});
  }
  return keys[algorithm];
}

inline testing::AssertionResult says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << text << "\" does not say \"" << part << '"';
}

}  // namespace usher::test
