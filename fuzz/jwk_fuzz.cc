// Any bytes as a JWK set, as a PEM text, and as a secret file.
#include <cstdint>
#include <string>

#include "auth/jwk_set.h"
#include "base/check.h"

namespace {

using namespace usher::auth;

void check_set(const std::string& json, JwkSource source) {
  try {
    const JwkSet set = parse_jwk_set(json, {.source = source});
    USHER_CHECK(!set.keys.empty());
    USHER_CHECK(set.keys.keys().size() <= KeySet::kKeysMax);
    USHER_CHECK(set.skipped.size() <= kSkippedShownMax + 1);
    for (const Key& key : set.keys.keys()) {
      const bool secret = kind_of(key.algorithm) == KeyKind::secret;
      USHER_CHECK(secret == key.material->can_sign());
      USHER_CHECK(!secret || source == JwkSource::file);
      USHER_CHECK(!key.material->verify("input", ""));
      USHER_CHECK(key.material->same_as(*key.material));
    }
  } catch (const KeyError& error) {
    USHER_CHECK(*error.what() != '\0');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_set(text, JwkSource::file);
  check_set(text, JwkSource::url);
  try {
    for (const Key& key : public_keys_from_pem(text)) USHER_CHECK(!key.material->can_sign());
  } catch (const KeyError&) {
  }
  USHER_CHECK(text.starts_with(secret_of_file(text)));
  return 0;
}
