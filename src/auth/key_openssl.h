// Owning pointers for OpenSSL's objects. Only the key_*.cc and jwk_*.cc files include this.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

#include "auth/jwt_algorithm.h"

namespace usher::auth {

template <auto Free>
struct OpensslDelete {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BignumPtr = std::unique_ptr<BIGNUM, OpensslDelete<BN_clear_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslDelete<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, OpensslDelete<X509_free>>;
using DecoderPtr = std::unique_ptr<OSSL_DECODER_CTX, OpensslDelete<OSSL_DECODER_CTX_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, OpensslDelete<ECDSA_SIG_free>>;
using MdContextPtr = std::unique_ptr<EVP_MD_CTX, OpensslDelete<EVP_MD_CTX_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, OpensslDelete<OSSL_PARAM_free>>;
using ParamsBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, OpensslDelete<OSSL_PARAM_BLD_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslDelete<EVP_PKEY_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslDelete<EVP_PKEY_free>>;

inline const unsigned char* as_uchars(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Fetched once per process: the implicit fetch of EVP_sha256() costs more than hashing a token.
const EVP_MD* digest_of(Hash hash);

}  // namespace usher::auth
