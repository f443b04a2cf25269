// One JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037) as a Key, or as several where a public
// key without `alg` serves several of `jwt.algorithms`.
#pragma once

#include <cstdint>
#include <vector>

#include "auth/key.h"
#include "wire/json.h"

namespace usher::auth {

enum class JwkSource : std::uint8_t {
  file,  // the operator's own: may hold secrets
  url,   // everybody can read it: a secret or private key in it is no key at all
};

struct JwkOptions {
  JwkSource source = JwkSource::file;
  AllowedAlgorithms allowed{};  // `jwt.algorithms`; must live during the call
};

// Never empty. Throws KeyError where the key is broken or not for us; what() says why, with "it"
// for the key. The public part alone is read.
std::vector<Key> keys_from_jwk(const wire::JsonNode& jwk, const JwkOptions& options);

}  // namespace usher::auth
