#include "auth/jwk_set.h"

#include <algorithm>

#include "auth/jwk_key.h"
#include "wire/json.h"

namespace usher::auth {
namespace {

using wire::JsonNode;

constexpr std::size_t kEntriesMax = 8192;
constexpr std::size_t kMembersMax = 1024;  // of one key, certificates included

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

// The entries of a set, one after the other, into `set`.
class Entries {
 public:
  Entries(const JwkOptions& options, JwkSet& set) : options_(options), set_(set) {}

  void take(std::string_view json) {
    const auto jwk = reader_.parse(
        json, {.open_levels = wire::kJsonDepthMax, .closed_member = {}, .nodes_max = kMembersMax});
    const std::string name = name_of(index_++, jwk ? *jwk : JsonNode());
    if (!jwk) {
      return skip(name + (jwk.error() == wire::JsonError::duplicate_member
                              ? ": it has the same member twice in one object"
                              : ": it has too many members"));
    }
    try {
      std::vector<Key> keys = keys_from_jwk(*jwk, options_);
      if (used_ == KeySet::kKeysMax) {
        return skip(name + ": there are more than " + std::to_string(KeySet::kKeysMax) + " keys");
      }
      for (Key& key : keys) set_.keys.add(std::move(key));
      ++used_;
    } catch (const KeyError& fault) {
      skip(name + ": " + fault.what());
    }
  }

  void finish() {
    if (set_.skipped_count <= kSkippedShownMax) return;
    set_.skipped.push_back("and " + std::to_string(set_.skipped_count - kSkippedShownMax) +
                           " more");
  }

 private:
  void skip(std::string sentence) {
    if (set_.skipped_count++ < kSkippedShownMax) set_.skipped.push_back(std::move(sentence));
  }

  const JwkOptions& options_;
  JwkSet& set_;
  wire::JsonReader reader_;
  std::size_t index_ = 0;
  std::size_t used_ = 0;
};

}  // namespace

JwkSet parse_jwk_set(std::string_view json, const JwkOptions& options) {
  if (json.size() > kJwkSetBytesMax) {
    throw KeyError("the JWK set is longer than " + std::to_string(kJwkSetBytesMax) + " bytes");
  }
  wire::JsonReader reader;
  // The keys stay closed: each is read for itself, so that a fault of one is no fault of the set.
  const auto root =
      reader.parse(json, {.open_levels = 2, .closed_member = {}, .nodes_max = kEntriesMax});
  if (!root && root.error() == wire::JsonError::duplicate_member) {
    throw KeyError("the JWK set has the same member twice in one object");
  }
  const JsonNode keys = root ? root->find("keys") : JsonNode();
  if (!keys.is_array()) {
    throw KeyError("this is not a JWK set: a JSON object with an array named keys");
  }
  JwkSet set;
  Entries entries(options, set);
  for (const JsonNode jwk : keys) entries.take(jwk.raw());
  entries.finish();
  if (set.keys.empty()) {
    throw KeyError("the JWK set has no key that tokens can be verified with" + join(set.skipped));
  }
  return set;
}

}  // namespace usher::auth
