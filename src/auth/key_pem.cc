// Keys out of PEM texts (RFC 7468).
#include <openssl/err.h>
#include <openssl/pem.h>

#include "auth/key_pkey.h"
#include "base/check.h"

namespace usher::auth {
namespace {

BioPtr reader_of(std::string_view text) {
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  USHER_CHECK(bio != nullptr);
  return bio;
}

// OpenSSL would ask at the terminal, and hang a service that has none.
int no_passphrase(char*, int, int, void*) { return -1; }

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

void check_size(std::string_view pem) {
  if (pem.size() <= kPemBytesMax) return;
  throw KeyError("the PEM text is longer than " + std::to_string(kPemBytesMax) + " bytes");
}

PkeyPtr read_certificate_key(std::string_view pem) {
  const BioPtr bio = reader_of(pem);
  const CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  return PkeyPtr(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

// SubjectPublicKeyInfo and PKCS #1, whichever the text holds.
PkeyPtr read_public_key(std::string_view pem) {
  EVP_PKEY* pkey = nullptr;
  const DecoderPtr decoder(OSSL_DECODER_CTX_new_for_pkey(
      &pkey, "PEM", nullptr, nullptr, OSSL_KEYMGMT_SELECT_PUBLIC_KEY, nullptr, nullptr));
  USHER_CHECK(decoder != nullptr);
  const BioPtr bio = reader_of(pem);
  OSSL_DECODER_from_bio(decoder.get(), bio.get());
  return PkeyPtr(pkey);
}

}  // namespace

std::vector<Key> public_keys_from_pem(std::string_view pem, AllowedAlgorithms allowed) {
  check_size(pem);
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    throw KeyError(
        "this is a private key; give the public one (openssl pkey -in KEY -pubout), "
        "and keep the private one away from the gateway");
  }
  if (count(pem, "PUBLIC KEY-----") > 2) {  // two are the first and last line of one key
    throw KeyError("there are several public keys in one PEM text; give each a file of its own");
  }
  const bool certificate = pem.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
  const PkeyPtr pkey = certificate ? read_certificate_key(pem) : read_public_key(pem);
  ERR_clear_error();
  if (!pkey) throw KeyError("there is no public key and no certificate in this PEM text");
  return public_keys(pkey, algorithms_for(check_pkey(pkey.get()), allowed));
}

Key private_key_from_pem(std::string_view pem, AllowedAlgorithms allowed) {
  check_size(pem);
  const BioPtr bio = reader_of(pem);
  PkeyPtr pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!pkey) {
    throw KeyError(pem.find("ENCRYPTED") != std::string_view::npos
                       ? "the private key is encrypted; decrypt it first (openssl pkey -in KEY)"
                       : "there is no private key in this PEM text");
  }
  const Algorithm algorithm = algorithm_for(check_pkey(pkey.get()), allowed);
  return {algorithm, std::nullopt, pkey_material(std::move(pkey), algorithm, /*is_private=*/true)};
}

}  // namespace usher::auth
