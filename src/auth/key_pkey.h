// Public-key cryptography behind a Key: what the PEM and the JWK loader have in common.
#pragma once

#include <memory>
#include <vector>

#include "auth/key.h"
#include "auth/key_openssl.h"

namespace usher::auth {

inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 8192;  // at which one forged token costs 0.35 ms

// Which kind of key this is. Throws KeyError unless it is one of ours, strong enough and
// well-formed: RSA of sane size and exponent, a point on one of the three curves, Ed25519.
KeyKind check_pkey(EVP_PKEY* pkey);

// Requires a key that check_pkey() has found to be of kind_of(algorithm).
std::shared_ptr<const KeyMaterial> pkey_material(PkeyPtr pkey, Algorithm algorithm,
                                                 bool is_private);

// The one public key, for each of `algorithms`; without a `kid`. Requires the same of each.
std::vector<Key> public_keys(const PkeyPtr& pkey, const std::vector<Algorithm>& algorithms);

}  // namespace usher::auth
