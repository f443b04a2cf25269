#include "auth/jwk_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>

#include "auth/key_pkey.h"
#include "base/bytes.h"
#include "base/check.h"

namespace usher::auth {
namespace {

using wire::JsonNode;

std::optional<std::string_view> text_of(const JsonNode& jwk, std::string_view member) {
  const JsonNode node = jwk.find(member);
  if (!node) return std::nullopt;
  const auto text = node.string();
  if (!text) throw KeyError(std::string(member) + " is not a string");
  return text;
}

std::string_view required_text(const JsonNode& jwk, std::string_view member) {
  const auto text = text_of(jwk, member);
  if (!text) throw KeyError(std::string(member) + " is missing");
  return *text;
}

std::string bytes_of(const JsonNode& jwk, std::string_view member) {
  auto bytes = from_base64url(required_text(jwk, member));
  if (!bytes || bytes->empty()) throw KeyError(std::string(member) + " is not base64url");
  return std::move(*bytes);
}

std::string bytes_of(const JsonNode& jwk, std::string_view member, std::size_t size) {
  std::string bytes = bytes_of(jwk, member);
  if (bytes.size() != size) {
    throw KeyError(std::string(member) + " has " + std::to_string(bytes.size()) + " bytes, not " +
                   std::to_string(size));
  }
  return bytes;
}

// Base64urlUInt (RFC 7518 section 2): without leading zero bytes.
BignumPtr number_of(const JsonNode& jwk, std::string_view member) {
  const std::string bytes = bytes_of(jwk, member);
  if (bytes.front() == '\0') throw KeyError(std::string(member) + " has leading zeros");
  if (bytes.size() > 2 * kRsaBitsMax / 8) throw KeyError(std::string(member) + " is too long");
  BignumPtr number(BN_bin2bn(as_uchars(bytes), static_cast<int>(bytes.size()), nullptr));
  USHER_CHECK(number != nullptr);
  return number;
}

PkeyPtr build(const char* type, OSSL_PARAM_BLD* builder) {
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  USHER_CHECK(params && context && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* pkey = nullptr;
  const bool built =
      EVP_PKEY_fromdata(context.get(), &pkey, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  ERR_clear_error();
  return PkeyPtr(built ? pkey : nullptr);
}

PkeyPtr rsa_key(const JsonNode& jwk) {
  const BignumPtr modulus = number_of(jwk, "n");
  const BignumPtr exponent = number_of(jwk, "e");
  const ParamsBuilderPtr builder(OSSL_PARAM_BLD_new());
  USHER_CHECK(builder &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
  PkeyPtr pkey = build("RSA", builder.get());
  if (!pkey) throw KeyError("n and e are no RSA key");
  return pkey;
}

PkeyPtr ec_key(const JsonNode& jwk) {
  struct Curve {
    std::string_view crv;
    const char* group;
    std::size_t coordinate_bytes;
  };
  constexpr Curve kCurves[] = {
      {"P-256", SN_X9_62_prime256v1, 32}, {"P-384", SN_secp384r1, 48}, {"P-521", SN_secp521r1, 66}};
  const std::string_view crv = required_text(jwk, "crv");
  const auto* curve = std::find_if(std::begin(kCurves), std::end(kCurves),
                                   [&](const Curve& known) { return known.crv == crv; });
  if (curve == std::end(kCurves)) throw KeyError("its curve is not P-256, P-384 or P-521");
  const std::string x = bytes_of(jwk, "x", curve->coordinate_bytes);
  const std::string y = bytes_of(jwk, "y", curve->coordinate_bytes);
  // Uncompressed (SEC 1 section 2.3.3). OpenSSL refuses what is not on the curve.
  const std::string point = '\4' + x + y;
  const ParamsBuilderPtr builder(OSSL_PARAM_BLD_new());
  USHER_CHECK(builder &&
              OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                              curve->group, 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size()) == 1);
  PkeyPtr pkey = build("EC", builder.get());
  if (!pkey) throw KeyError("x and y are not a point on the curve");
  return pkey;
}

PkeyPtr ed25519_key(const JsonNode& jwk) {
  if (required_text(jwk, "crv") != "Ed25519") throw KeyError("its curve is not Ed25519");
  const std::string x = bytes_of(jwk, "x", 32);
  PkeyPtr pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_uchars(x), x.size()));
  USHER_CHECK(pkey != nullptr);
  return pkey;
}

// Its use must allow verifying (RFC 7517 sections 4.2 and 4.3).
void check_use(const JsonNode& jwk) {
  const auto use = text_of(jwk, "use");
  if (use && *use != "sig") throw KeyError("its use is not sig");
  const JsonNode operations = jwk.find("key_ops");
  if (!operations) return;
  if (!operations.is_array()) throw KeyError("key_ops is not an array");
  bool verifies = false;
  for (const JsonNode operation : operations) {
    const auto name = operation.string();
    if (!name) throw KeyError("key_ops is not an array of strings");
    verifies = verifies || *name == "verify";
  }
  if (!verifies) throw KeyError("its key_ops do not hold verify");
}

// `alg` where there is one; it must fit the key, and `jwt.algorithms`.
std::optional<Algorithm> named_algorithm(const JsonNode& jwk, KeyKind kind,
                                         AllowedAlgorithms allowed) {
  const auto name = text_of(jwk, "alg");
  if (!name) return std::nullopt;
  const auto algorithm = algorithm_from(*name);
  if (!algorithm) throw KeyError("its alg is not supported");
  if (kind_of(*algorithm) != kind) throw KeyError("its alg is not one for this type of key");
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), *algorithm) == allowed.end()) {
    throw KeyError("its alg is not in jwt.algorithms");
  }
  return algorithm;
}

std::vector<Key> secret_from_jwk(const JsonNode& jwk, const JwkOptions& options) {
  if (options.source == JwkSource::url) {
    throw KeyError("it is a secret, published where everybody can read it");
  }
  const auto named = named_algorithm(jwk, KeyKind::secret, options.allowed);
  const Algorithm algorithm = named ? *named : algorithm_for(KeyKind::secret, options.allowed);
  return {secret_key(bytes_of(jwk, "k"), algorithm)};
}

std::vector<Key> public_from_jwk(const JsonNode& jwk, const PkeyPtr& pkey,
                                 const JwkOptions& options) {
  if (options.source == JwkSource::url && jwk.find("d")) {
    throw KeyError("its private part is published with it, so anybody can sign");
  }
  const KeyKind kind = check_pkey(pkey.get());
  const auto named = named_algorithm(jwk, kind, options.allowed);
  return public_keys(pkey, named ? std::vector{*named} : algorithms_for(kind, options.allowed));
}

std::vector<Key> read_key(const JsonNode& jwk, const JwkOptions& options) {
  const std::string_view kty = required_text(jwk, "kty");
  if (kty == "oct") return secret_from_jwk(jwk, options);
  if (kty == "RSA") return public_from_jwk(jwk, rsa_key(jwk), options);
  if (kty == "EC") return public_from_jwk(jwk, ec_key(jwk), options);
  if (kty == "OKP") return public_from_jwk(jwk, ed25519_key(jwk), options);
  throw KeyError("its kty is not RSA, EC, OKP or oct");
}

}  // namespace

std::vector<Key> keys_from_jwk(const JsonNode& jwk, const JwkOptions& options) {
  if (!jwk.is_object()) throw KeyError("it is not a JSON object");
  check_use(jwk);
  const auto kid = text_of(jwk, "kid");
  std::vector<Key> keys = read_key(jwk, options);
  if (kid) {
    for (Key& key : keys) key.kid = std::string(*kid);
  }
  return keys;
}

}  // namespace usher::auth
