// JWK sets (RFC 7517): the form in which issuers publish their keys.
//
// A key that cannot be used is skipped with a note and does not invalidate the set (RFC 7517
// section 5): it is broken, of an unknown type, for encryption, too weak, or beyond the limit.
// Parsing fails only if the text is not a JWK set or has no usable key; then the previous set
// stays in use.
//
// Limits: kJwkSetBytesMax, KeySet::kKeysMax usable keys, RSA of 2048 to 8192 bits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/jwk_key.h"
#include "auth/key_set.h"

namespace usher::auth {

inline constexpr std::size_t kJwkSetBytesMax = 64 * 1024;

inline constexpr std::size_t kSkippedShownMax = 32;

struct JwkSet {
  KeySet keys;  // never empty
  // A sentence for each skipped entry, with its position and `kid`. Beyond kSkippedShownMax, the
  // last sentence says how many more there are.
  std::vector<std::string> skipped;
  std::size_t skipped_count = 0;
};

// Throws KeyError if `json` is not a JWK set or no usable key is left. The private part of a key is
// not read.
JwkSet parse_jwk_set(std::string_view json, const JwkOptions& options = {});

}  // namespace usher::auth
