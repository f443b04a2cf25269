// A key, bound to exactly one algorithm. A public key that serves several algorithms is several
// Keys.
//
// The binding makes algorithm confusion impossible: the token's header does not choose the
// algorithm of its verification, it can only agree with the key's (RFC 8725 section 3.1).
//
// Threads: immutable, shared freely; sign() and verify() take no lock.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt_algorithm.h"

namespace usher::auth {

// Thrown when key material from the operator is refused. what() is one sentence for the operator
// and contains no secret.
struct KeyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The cryptography of one key and one algorithm (key_hmac.cc, key_pkey.cc).
class KeyMaterial {
 public:
  virtual ~KeyMaterial() = default;

  // Returns true if `signature` (raw bytes, as in JWS) is this key's signature over `input`.
  virtual bool verify(std::string_view input, std::string_view signature) const = 0;

  virtual bool can_sign() const = 0;
  virtual std::string sign(std::string_view input) const = 0;  // Requires: can_sign()

  // Returns true if both verify with the same key.
  virtual bool same_as(const KeyMaterial& other) const = 0;
};

struct Key {
  Algorithm algorithm{};
  // `nullopt`: the key matches any `kid`, as a single PEM key or secret must.
  std::optional<std::string> kid;
  std::shared_ptr<const KeyMaterial> material;
};

// For every secret. A secret that signs tokens must be at least as long as its hash (RFC 7518
// section 3.2).
inline constexpr std::size_t kSecretBytesMin = 32;
std::size_t secret_bytes_min(Algorithm algorithm);  // Requires: an HS algorithm

inline constexpr std::size_t kPemBytesMax = 64 * 1024;

// The algorithms of `jwt.algorithms`. Empty: each key kind has its default (HS256, RS256, the
// curve's algorithm, EdDSA).
using AllowedAlgorithms = std::span<const Algorithm>;

// Returns the algorithm of a signing key that does not name its algorithm: the only one of
// `allowed` that fits `kind`, or, if several fit, the default. Throws KeyError if none fits, or if
// several fit and the default is not among them.
Algorithm algorithm_for(KeyKind kind, AllowedAlgorithms allowed);

// Returns the algorithms of a public key that does not name its algorithm: all of `allowed` that
// fit `kind`, each once; the default if `allowed` is empty. Throws KeyError if none fits.
std::vector<Algorithm> algorithms_for(KeyKind kind, AllowedAlgorithms allowed);

// Returns an HMAC key. Requires: an HS algorithm. Throws KeyError if `secret` is shorter than
// secret_bytes_min().
Key secret_key(std::string_view secret, Algorithm algorithm = Algorithm::hs256);

// Returns the secret in the content of a secret file. If the content is printable text with a final
// line break (`openssl rand -hex 32 > file`), the line break is not part of the secret; otherwise
// all bytes are.
std::string_view secret_of_file(std::string_view content);

// Reads a public key: SubjectPublicKeyInfo, PKCS #1, or the (first) certificate. Returns one Key
// for each algorithm that it serves, at least one. Throws KeyError for anything else, for a private
// key, for a weak key and for two keys.
std::vector<Key> public_keys_from_pem(std::string_view pem, AllowedAlgorithms allowed = {});

// Reads a private key, which can also sign. Throws KeyError; also for an encrypted key: there is no
// prompt for a passphrase.
Key private_key_from_pem(std::string_view pem, AllowedAlgorithms allowed = {});

}  // namespace usher::auth
