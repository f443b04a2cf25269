#include "auth/jwk_set.h"

#include <algorithm>

#include "auth/jwk_key.h"
#include "wire/json.h"

namespace usher::auth {
namespace {

using wire::JsonNode;

constexpr std::size_t kNodesMax = 8192;

// "key 2 (kid 'ab')", for a sentence. What a set says comes from elsewhere, so only plain
// characters of it are shown.
std::string name_of(std::size_t index, const JsonNode& jwk) {
  constexpr std::size_t kShownMax = 64;
  std::string name = "key " + std::to_string(index + 1);
  if (const auto kid = jwk.find("kid").string()) {
    name += " (kid '";
    for (const char c : kid->substr(0, kShownMax)) name += c >= 0x20 && c <= 0x7e ? c : '?';
    name += "')";
  }
  return name;
}

std::string join(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) {
    text.append(text.empty() ? ": " : "; ").append(sentence);
  }
  return text;
}

}  // namespace

JwkSet parse_jwk_set(std::string_view json, const JwkOptions& options) {
  if (json.size() > kJwkSetBytesMax) {
    throw KeyError("the JWK set is longer than " + std::to_string(kJwkSetBytesMax) + " bytes");
  }
  wire::JsonReader reader;
  const auto root = reader.parse(
      json, {.open_levels = wire::kJsonDepthMax, .closed_member = {}, .nodes_max = kNodesMax});
  if (!root && root.error() == wire::JsonError::duplicate_member) {
    throw KeyError("the JWK set has the same member twice in one object");
  }
  const JsonNode keys = root ? root->find("keys") : JsonNode();
  if (!keys.is_array()) {
    throw KeyError("this is not a JWK set: a JSON object with an array named keys");
  }
  if (keys.size() > KeySet::kKeysMax) {
    throw KeyError("the JWK set has more than " + std::to_string(KeySet::kKeysMax) + " keys");
  }

  JwkSet set;
  std::size_t index = 0;
  for (const JsonNode jwk : keys) {
    const std::string name = name_of(index++, jwk);
    try {
      set.keys.add(key_from_jwk(jwk, options));
    } catch (const UnsuitableKey& unsuitable) {
      set.skipped.push_back(name + ": " + unsuitable.what());
    } catch (const KeyError& broken) {
      throw KeyError(name + " of the JWK set: " + broken.what());
    }
  }
  if (set.keys.empty()) {
    throw KeyError("the JWK set has no key that tokens can be verified with" + join(set.skipped));
  }
  return set;
}

}  // namespace usher::auth
