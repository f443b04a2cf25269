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

Algorithm algorithm_for(KeyKind kind, AllowedAlgorithms allowed) {
  if (allowed.empty()) return default_of(kind);
  std::optional<Algorithm> found;
  bool several = false;
  for (const Algorithm algorithm : allowed) {
    if (kind_of(algorithm) != kind || algorithm == found) continue;
    several = found.has_value();
    found = algorithm;
    if (several) break;
  }
  if (!found) {
    throw KeyError("jwt.algorithms has none for " + std::string(name_of(kind)) + "; add " +
                   std::string(to_string(default_of(kind))) + " or take the key out");
  }
  if (!several) return *found;
  if (std::find(allowed.begin(), allowed.end(), default_of(kind)) != allowed.end()) {
    return default_of(kind);
  }
  throw KeyError(
      "jwt.algorithms has several for " + std::string(name_of(kind)) +
      ", but one key has one algorithm; leave only the one that its tokens are signed with");
}

}  // namespace usher::auth
