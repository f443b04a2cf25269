// The signature algorithms that usher knows (RFC 7518 section 3.1, RFC 8037). `none` is not among
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace usher::auth {

enum class Algorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa,  // Ed25519 only
};

// The kinds of key that these algorithms work with. A key of one kind never serves an algorithm of
// another, which is what keeps an RSA public key from being taken for an HMAC secret.
enum class KeyKind : std::uint8_t { secret, rsa, ec_p256, ec_p384, ec_p521, ed25519 };

std::string_view to_string(Algorithm algorithm);  // "HS256", as in a token's header
// Exactly as in RFC 7518, by case too. RFC 9864 calls EdDSA with an Ed25519 key `Ed25519`: both
// names mean the one algorithm.
std::optional<Algorithm> algorithm_from(std::string_view name);

KeyKind kind_of(Algorithm algorithm);

enum class Hash : std::uint8_t { sha256, sha384, sha512 };

// The hash below the signature; nothing for EdDSA, which brings its own.
std::optional<Hash> hash_of(Algorithm algorithm);
std::size_t size_bytes(Hash hash);
bool is_pss(Algorithm algorithm);

}  // namespace usher::auth
