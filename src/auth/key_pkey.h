// The public-key cryptography of a Key, shared by the PEM and the JWK loader.
#pragma once

#include <memory>
#include <vector>

#include "auth/key.h"
#include "auth/key_openssl.h"

namespace usher::auth {

inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 8192;  // one forged token then costs 0.35 ms

// Returns the kind of the key. Throws KeyError unless the kind is supported and the key is strong
// enough and well-formed: RSA of sane size and exponent, a point on one of the three curves, or
// Ed25519.
KeyKind check_pkey(EVP_PKEY* pkey);

// Requires: check_pkey() returned kind_of(algorithm) for `pkey`.
std::shared_ptr<const KeyMaterial> pkey_material(PkeyPtr pkey, Algorithm algorithm,
                                                 bool is_private);

// Returns a Key without a `kid` for each of `algorithms`.
// Requires: check_pkey() returned the kind of each of `algorithms`.
std::vector<Key> public_keys(const PkeyPtr& pkey, const std::vector<Algorithm>& algorithms);

}  // namespace usher::auth
