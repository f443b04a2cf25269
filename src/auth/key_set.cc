#include "auth/key_set.h"

#include <algorithm>

namespace usher::auth {

KeySet::KeySet(std::vector<Key> keys) {
  for (Key& key : keys) add(std::move(key));
}

void KeySet::add(Key key) {
  if (keys_.size() >= kKeysMax) {
    throw KeyError("there are more than " + std::to_string(kKeysMax) + " keys");
  }
  const bool taken = key.kid && std::any_of(keys_.begin(), keys_.end(),
                                            [&](const Key& other) { return other.kid == key.kid; });
  if (taken) throw KeyError("two keys have the same kid");
  keys_.push_back(std::move(key));
}

}  // namespace usher::auth
