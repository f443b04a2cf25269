// Converts one JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037) to a Key. A public key
// without `alg` becomes several Keys if it serves several of `jwt.algorithms`.
#pragma once

#include <cstdint>
#include <vector>

#include "auth/key.h"
#include "wire/json.h"

namespace usher::auth {

enum class JwkSource : std::uint8_t {
  file,  // the operator's own file: may hold secrets
  url,   // public: a secret or private key in it is refused
};

struct JwkOptions {
  JwkSource source = JwkSource::file;
  AllowedAlgorithms allowed{};  // `jwt.algorithms`; must live during the call
};

// Returns at least one key. Only the public part is read.
// Throws KeyError if the key is broken or not usable here; what() says why and calls the key "it".
std::vector<Key> keys_from_jwk(const wire::JsonNode& jwk, const JwkOptions& options);

}  // namespace usher::auth
