// A key, bound to exactly one algorithm. A public key that serves several is several Keys.
//
// The binding is what makes algorithm confusion impossible: the token's header never chooses how it
// is verified, it can only agree (RFC 8725 section 3.1).
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

// Key material that the operator gave us and that we will not use. what() is one sentence for them;
// it holds no secret.
struct KeyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The cryptography of one key and one algorithm (key_hmac.cc, key_pkey.cc).
class KeyMaterial {
 public:
  virtual ~KeyMaterial() = default;

  // Whether `signature` (raw bytes, as JWS has it) is this key's over `input`.
  virtual bool verify(std::string_view input, std::string_view signature) const = 0;

  virtual bool can_sign() const = 0;
  virtual std::string sign(std::string_view input) const = 0;  // requires can_sign()

  // Whether both verify with the same key.
  virtual bool same_as(const KeyMaterial& other) const = 0;
};

struct Key {
  Algorithm algorithm{};
  // Nullopt: the key answers to any `kid`, as a single PEM or secret must.
  std::optional<std::string> kid;
  std::shared_ptr<const KeyMaterial> material;
};

// Of every secret. One that signs tokens is at least as long as its hash (RFC 7518 section 3.2).
inline constexpr std::size_t kSecretBytesMin = 32;
std::size_t secret_bytes_min(Algorithm algorithm);  // requires an HS algorithm

inline constexpr std::size_t kPemBytesMax = 64 * 1024;

// The algorithms of `jwt.algorithms`. Empty: each key kind has its default (HS256, RS256, its
// curve's one, EdDSA).
using AllowedAlgorithms = std::span<const Algorithm>;

// The one algorithm of a key that signs, where it does not name one itself: the only fitting one of
// `allowed`, or the default where that is among several. Throws KeyError where `allowed` holds
// none, or several without the default.
Algorithm algorithm_for(KeyKind kind, AllowedAlgorithms allowed);

// The algorithms of a public key that does not name one itself: all of `allowed` that fit, each
// once; the default where `allowed` is empty. Throws KeyError where none fits.
std::vector<Algorithm> algorithms_for(KeyKind kind, AllowedAlgorithms allowed);

// An HMAC key. Requires an HS algorithm. Throws KeyError under secret_bytes_min().
Key secret_key(std::string_view secret, Algorithm algorithm = Algorithm::hs256);

// The secret that the text of a secret file stands for: without its final line break where the rest
// is printable text
// (`openssl rand -hex 32 > file`); the very bytes where it is not.
std::string_view secret_of_file(std::string_view content);

// A public key: SubjectPublicKeyInfo, PKCS #1, or the (first) certificate; once for each algorithm
// that it serves, at least for one. Throws KeyError for anything else, for a private key, for a
// weak key and for two keys.
std::vector<Key> public_keys_from_pem(std::string_view pem, AllowedAlgorithms allowed = {});

// A key that signs too. Throws KeyError; an encrypted one is refused, nobody is asked for a
// passphrase.
Key private_key_from_pem(std::string_view pem, AllowedAlgorithms allowed = {});

}  // namespace usher::auth
