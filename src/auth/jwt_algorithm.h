// The signature algorithms that usher supports (RFC 7518 section 3.1, RFC 8037). `none` is not one
// of them.
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

// The kinds of key that these algorithms use. A key of one kind never serves an algorithm of
// another kind; therefore an RSA public key cannot be used as an HMAC secret.
enum class KeyKind : std::uint8_t { secret, rsa, ec_p256, ec_p384, ec_p521, ed25519 };

std::string_view to_string(Algorithm algorithm);  // "HS256", as in a token's header
// `name` is compared with the names of RFC 7518, case-sensitively. RFC 9864 calls EdDSA with an
// Ed25519 key `Ed25519`; both names mean the same algorithm.
std::optional<Algorithm> algorithm_from(std::string_view name);

KeyKind kind_of(Algorithm algorithm);

enum class Hash : std::uint8_t { sha256, sha384, sha512 };

// Returns the hash that the signature uses; `nullopt` for EdDSA, which has its own.
std::optional<Hash> hash_of(Algorithm algorithm);
std::size_t size_bytes(Hash hash);
bool is_pss(Algorithm algorithm);

}  // namespace usher::auth
