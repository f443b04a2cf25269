#include "auth/jwt_algorithm.h"

#include <array>

#include "base/check.h"

namespace usher::auth {
namespace {

struct Row {
  Algorithm algorithm;
  std::string_view name;
  KeyKind kind;
  std::optional<Hash> hash;
};

// In the order of the enum, so that the value is the index.
constexpr std::array kRows{
    Row{Algorithm::hs256, "HS256", KeyKind::secret, Hash::sha256},
    Row{Algorithm::hs384, "HS384", KeyKind::secret, Hash::sha384},
    Row{Algorithm::hs512, "HS512", KeyKind::secret, Hash::sha512},
    Row{Algorithm::rs256, "RS256", KeyKind::rsa, Hash::sha256},
    Row{Algorithm::rs384, "RS384", KeyKind::rsa, Hash::sha384},
    Row{Algorithm::rs512, "RS512", KeyKind::rsa, Hash::sha512},
    Row{Algorithm::ps256, "PS256", KeyKind::rsa, Hash::sha256},
    Row{Algorithm::ps384, "PS384", KeyKind::rsa, Hash::sha384},
    Row{Algorithm::ps512, "PS512", KeyKind::rsa, Hash::sha512},
    Row{Algorithm::es256, "ES256", KeyKind::ec_p256, Hash::sha256},
    Row{Algorithm::es384, "ES384", KeyKind::ec_p384, Hash::sha384},
    Row{Algorithm::es512, "ES512", KeyKind::ec_p521, Hash::sha512},
    Row{Algorithm::eddsa, "EdDSA", KeyKind::ed25519, std::nullopt},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].algorithm) != i) return false;
  }
  return true;
}
static_assert(in_order());

const Row& row_of(Algorithm algorithm) {
  const auto index = static_cast<std::size_t>(algorithm);
  USHER_CHECK(index < kRows.size());
  return kRows[index];
}

}  // namespace

std::string_view to_string(Algorithm algorithm) { return row_of(algorithm).name; }

std::optional<Algorithm> algorithm_from(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.algorithm;
  }
  if (name == "Ed25519") return Algorithm::eddsa;
  return std::nullopt;
}

KeyKind kind_of(Algorithm algorithm) { return row_of(algorithm).kind; }

std::optional<Hash> hash_of(Algorithm algorithm) { return row_of(algorithm).hash; }

std::size_t size_bytes(Hash hash) {
  switch (hash) {
    case Hash::sha256:
      return 32;
    case Hash::sha384:
      return 48;
    case Hash::sha512:
      return 64;
  }
  USHER_CHECK(false);
}

bool is_pss(Algorithm algorithm) {
  return algorithm == Algorithm::ps256 || algorithm == Algorithm::ps384 ||
         algorithm == Algorithm::ps512;
}

}  // namespace usher::auth
