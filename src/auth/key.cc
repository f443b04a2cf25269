#include "auth/key.h"

#include <algorithm>

#include "base/check.h"

namespace usher::auth {
namespace {

Algorithm default_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::secret:
      return Algorithm::hs256;
    case KeyKind::rsa:
      return Algorithm::rs256;
    case KeyKind::ec_p256:
      return Algorithm::es256;
    case KeyKind::ec_p384:
      return Algorithm::es384;
    case KeyKind::ec_p521:
      return Algorithm::es512;
    case KeyKind::ed25519:
      return Algorithm::eddsa;
  }
  USHER_CHECK(false);
}

std::string_view name_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::secret:
      return "a secret";
    case KeyKind::rsa:
      return "an RSA key";
    case KeyKind::ec_p256:
      return "a P-256 key";
    case KeyKind::ec_p384:
      return "a P-384 key";
    case KeyKind::ec_p521:
      return "a P-521 key";
    case KeyKind::ed25519:
      return "an Ed25519 key";
  }
  USHER_CHECK(false);
}

}  // namespace

std::size_t secret_bytes_min(Algorithm algorithm) {
  USHER_CHECK(kind_of(algorithm) == KeyKind::secret);
  return std::max(kSecretBytesMin, size_bytes(*hash_of(algorithm)));
}

std::vector<Algorithm> algorithms_for(KeyKind kind, AllowedAlgorithms allowed) {
  if (allowed.empty()) return {default_of(kind)};
  std::vector<Algorithm> found;
  for (const Algorithm algorithm : allowed) {
    if (kind_of(algorithm) != kind) continue;
    if (std::find(found.begin(), found.end(), algorithm) == found.end()) found.push_back(algorithm);
  }
  if (!found.empty()) return found;
  throw KeyError("jwt.algorithms has none for " + std::string(name_of(kind)) + "; add " +
                 std::string(to_string(default_of(kind))) + " or take the key out");
}

Algorithm algorithm_for(KeyKind kind, AllowedAlgorithms allowed) {
  const std::vector<Algorithm> fitting = algorithms_for(kind, allowed);
  if (fitting.size() == 1) return fitting.front();
  if (std::find(fitting.begin(), fitting.end(), default_of(kind)) != fitting.end()) {
    return default_of(kind);
  }
  throw KeyError(
      "jwt.algorithms has several for " + std::string(name_of(kind)) +
      ", but one key has one algorithm; leave only the one that its tokens are signed with");
}

}  // namespace usher::auth
