// JWK sets (RFC 7517): the form in which issuers publish their keys.
//
// A key that can't be used costs itself, never the set (RFC 7517 section 5): broken, of an unknown
// type, for encryption, too weak, or beyond the limit, it is skipped with a note. Only a text that
// is no JWK set, or has no usable key, fails as a whole; then the previous set stays.
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
  // A sentence for each entry that was not taken, by its position and `kid`; beyond
  // kSkippedShownMax the last sentence says how many more there are.
  std::vector<std::string> skipped;
  std::size_t skipped_count = 0;
};

// Throws KeyError, also where no usable key is left. The private part of a key is not read.
JwkSet parse_jwk_set(std::string_view json, const JwkOptions& options = {});

}  // namespace usher::auth
