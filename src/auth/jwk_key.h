// One JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037) as a Key.
#pragma once

#include "auth/jwk_set.h"
#include "wire/json.h"

namespace usher::auth {

// A sound key that is not for us. what() says why.
struct UnsuitableKey : KeyError {
  using KeyError::KeyError;
};

// Throws UnsuitableKey, or KeyError where it is broken. The public part alone is read.
Key key_from_jwk(const wire::JsonNode& jwk, const JwkOptions& options);

}  // namespace usher::auth
