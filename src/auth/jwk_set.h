// JWK sets (RFC 7517): the form in which issuers publish their keys.
//
// Two kinds of fault are told apart. What is not a JWK set, or a broken key in one, fails as a
// whole: the previous set stays. A sound key that is not for us (unknown type, for encryption, too
// weak) is skipped, with a note.
//
// Limits: kJwkSetBytesMax, KeySet::kKeysMax entries (skipped ones count), RSA of 2048 to 8192 bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_set.h"

namespace usher::auth {

inline constexpr std::size_t kJwkSetBytesMax = 64 * 1024;

enum class JwkSource : std::uint8_t {
  file,  // the operator's own: may hold secrets
  url,   // everybody can read it: a secret or private key in it is no key at all
};

struct JwkOptions {
  JwkSource source = JwkSource::file;
  AllowedAlgorithms allowed{};  // `jwt.algorithms`; must live during the call
};

struct JwkSet {
  KeySet keys;                       // never empty
  std::vector<std::string> skipped;  // a sentence for each entry that was not taken
};

// Throws KeyError, also where no usable key is left. The private part of a key is not read.
JwkSet parse_jwk_set(std::string_view json, const JwkOptions& options = {});

}  // namespace usher::auth
