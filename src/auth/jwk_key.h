// One JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037) as a Key, or as several where a public
// key without `alg` serves several of `jwt.algorithms`.
#pragma once

#include <vector>

#include "auth/jwk_set.h"
#include "wire/json.h"

namespace usher::auth {

// Never empty. Throws KeyError where the key is broken or not for us; what() says why, with "it"
// for the key. The public part alone is read.
std::vector<Key> keys_from_jwk(const wire::JsonNode& jwk, const JwkOptions& options);

}  // namespace usher::auth
