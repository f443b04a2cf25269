#include "auth/key_pkey.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <vector>

#include "base/check.h"

namespace usher::auth {
namespace {

// Bytes of r and of s in a JWS signature (RFC 7518 section 3.4); 0 where signatures are not pairs.
std::size_t coordinate_bytes(KeyKind kind) {
  switch (kind) {
    case KeyKind::ec_p256:
      return 32;
    case KeyKind::ec_p384:
      return 48;
    case KeyKind::ec_p521:
      return 66;
    case KeyKind::secret:
    case KeyKind::rsa:
    case KeyKind::ed25519:
      return 0;
  }
  USHER_CHECK(false);
}

// JWS has r||s, OpenSSL wants the ASN.1 sequence of the two.
std::string der_of_pair(std::string_view pair) {
  const std::size_t half = pair.size() / 2;
  const EcdsaPtr signature(ECDSA_SIG_new());
  BignumPtr r(BN_bin2bn(as_uchars(pair), static_cast<int>(half), nullptr));
  BignumPtr s(BN_bin2bn(as_uchars(pair.substr(half)), static_cast<int>(half), nullptr));
  USHER_INVARIANT(signature && r && s &&
                  ECDSA_SIG_set0(signature.get(), r.release(), s.release()) == 1);
  std::array<unsigned char, 160> der;
  unsigned char* end = der.data();
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  USHER_INVARIANT(size > 0 && static_cast<std::size_t>(size) <= der.size());
  USHER_INVARIANT(i2d_ECDSA_SIG(signature.get(), &end) == size);
  return {reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(size)};
}

std::string pair_of_der(std::string_view der, std::size_t half) {
  const unsigned char* begin = as_uchars(der);
  const EcdsaPtr signature(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size())));
  USHER_INVARIANT(signature != nullptr);
  std::string pair(2 * half, '\0');
  auto* out = reinterpret_cast<unsigned char*>(pair.data());
  const int size = static_cast<int>(half);
  USHER_INVARIANT(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, size) == size &&
                  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + half, size) == size);
  return pair;
}

class PkeyMaterial final : public KeyMaterial {
 public:
  PkeyMaterial(PkeyPtr pkey, Algorithm algorithm, bool is_private)
      : pkey_(std::move(pkey)),
        algorithm_(algorithm),
        can_sign_(is_private),
        half_(coordinate_bytes(kind_of(algorithm))),
        signature_bytes_(half_ > 0 ? 2 * half_
                                   : static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get()))) {}

  bool verify(std::string_view input, std::string_view signature) const override {
    if (signature.size() != signature_bytes_) return false;
    const std::string der = half_ > 0 ? der_of_pair(signature) : std::string();
    const std::string_view raw = half_ > 0 ? der : signature;
    const MdContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    USHER_INVARIANT(context && EVP_DigestVerifyInit(context.get(), &parameters, digest(), nullptr,
                                                    pkey_.get()) == 1);
    set_padding(parameters);
    const bool good = EVP_DigestVerify(context.get(), as_uchars(raw), raw.size(), as_uchars(input),
                                       input.size()) == 1;
    // The queue is per thread, and TLS on the same thread would take our refusal for its own.
    if (!good) ERR_clear_error();
    return good;
  }

  bool can_sign() const override { return can_sign_; }

  std::string sign(std::string_view input) const override {
    USHER_INVARIANT(can_sign_);
    const MdContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    USHER_INVARIANT(context && EVP_DigestSignInit(context.get(), &parameters, digest(), nullptr,
                                                  pkey_.get()) == 1);
    set_padding(parameters);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get())), '\0');
    std::size_t size = signature.size();
    USHER_INVARIANT(EVP_DigestSign(context.get(),
                                   reinterpret_cast<unsigned char*>(signature.data()), &size,
                                   as_uchars(input), input.size()) == 1);
    signature.resize(size);
    return half_ > 0 ? pair_of_der(signature, half_) : signature;
  }

  bool same_as(const KeyMaterial& other) const override {
    const auto* pkey = dynamic_cast<const PkeyMaterial*>(&other);
    return pkey != nullptr && algorithm_ == pkey->algorithm_ &&
           EVP_PKEY_eq(pkey_.get(), pkey->pkey_.get()) == 1;
  }

 private:
  const EVP_MD* digest() const {
    const auto hash = hash_of(algorithm_);
    return hash ? digest_of(*hash) : nullptr;
  }

  void set_padding(EVP_PKEY_CTX* parameters) const {
    if (!is_pss(algorithm_)) return;
    USHER_INVARIANT(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1);
  }

  PkeyPtr pkey_;
  Algorithm algorithm_;
  bool can_sign_;
  std::size_t half_;  // of r||s; 0 for RSA and Ed25519
  std::size_t signature_bytes_;
};

KeyKind kind_of_curve(EVP_PKEY* pkey) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  // Fails for curves given by explicit parameters: those are nobody's P-256.
  if (EVP_PKEY_get_group_name(pkey, name.data(), name.size(), &size) == 1) {
    const std::string_view curve(name.data(), size);
    if (curve == SN_X9_62_prime256v1) return KeyKind::ec_p256;
    if (curve == SN_secp384r1) return KeyKind::ec_p384;
    if (curve == SN_secp521r1) return KeyKind::ec_p521;
  }
  ERR_clear_error();
  throw KeyError("the EC key is not on one of the curves P-256, P-384 and P-521");
}

BignumPtr number_of(EVP_PKEY* pkey, const char* parameter) {
  BIGNUM* number = nullptr;
  USHER_INVARIANT(EVP_PKEY_get_bn_param(pkey, parameter, &number) == 1);
  return BignumPtr(number);
}

// Not EVP_PKEY_public_check(): it looks for the modulus' factors, for 4 ms a key (8192 bits: 160
// ms), on the thread that has just fetched a set of 32. Who wants us to trust a bad key would
// rather sign with a good one.
void check_rsa(EVP_PKEY* pkey) {
  const int bits = EVP_PKEY_get_bits(pkey);
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    throw KeyError("the RSA key has " + std::to_string(bits) + " bits; " +
                   std::to_string(kRsaBitsMin) + " to " + std::to_string(kRsaBitsMax) +
                   " are accepted");
  }
  if (!BN_is_odd(number_of(pkey, OSSL_PKEY_PARAM_RSA_N).get())) {
    throw KeyError("the RSA key's modulus is even");
  }
  // 1 would make every message its own signature; beyond 64 bits nobody has one, and verifying
  // slows down.
  const BignumPtr exponent = number_of(pkey, OSSL_PKEY_PARAM_RSA_E);
  if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) || BN_num_bits(exponent.get()) > 64) {
    throw KeyError("the RSA key has an exponent that no sound key has (65537 is usual)");
  }
}

void check_point(EVP_PKEY* pkey) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  USHER_INVARIANT(context != nullptr);
  if (EVP_PKEY_public_check_quick(context.get()) == 1) return;
  ERR_clear_error();
  throw KeyError("the EC key is not a point on its curve");
}

}  // namespace

const EVP_MD* digest_of(Hash hash) {
  // Never freed: other statics may still verify while the process exits.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  USHER_CHECK(sha256 && sha384 && sha512);
  switch (hash) {
    case Hash::sha256:
      return sha256;
    case Hash::sha384:
      return sha384;
    case Hash::sha512:
      return sha512;
  }
  USHER_CHECK(false);
}

KeyKind check_pkey(EVP_PKEY* pkey) {
  switch (EVP_PKEY_get_base_id(pkey)) {
    case EVP_PKEY_RSA:
      check_rsa(pkey);
      return KeyKind::rsa;
    case EVP_PKEY_EC: {
      const KeyKind kind = kind_of_curve(pkey);
      check_point(pkey);
      return kind;
    }
    case EVP_PKEY_ED25519:
      return KeyKind::ed25519;  // every 32 bytes are one
    default:
      throw KeyError("the key is neither RSA nor EC nor Ed25519");
  }
}

std::shared_ptr<const KeyMaterial> pkey_material(PkeyPtr pkey, Algorithm algorithm,
                                                 bool is_private) {
  return std::make_shared<PkeyMaterial>(std::move(pkey), algorithm, is_private);
}

std::vector<Key> public_keys(const PkeyPtr& pkey, const std::vector<Algorithm>& algorithms) {
  std::vector<Key> keys;
  for (const Algorithm algorithm : algorithms) {
    USHER_INVARIANT(EVP_PKEY_up_ref(pkey.get()) == 1);
    keys.push_back({algorithm, std::nullopt,
                    pkey_material(PkeyPtr(pkey.get()), algorithm, /*is_private=*/false)});
  }
  return keys;
}

}  // namespace usher::auth
