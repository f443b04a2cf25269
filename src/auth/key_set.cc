#include "auth/key_set.h"

#include <algorithm>

namespace usher::auth {

KeySet::KeySet(std::vector<Key> keys) {
  for (Key& key : keys) add(std::move(key));
}

void KeySet::add(Key key) {
  const auto same = std::count_if(keys_.begin(), keys_.end(), [&](const Key& other) {
    return other.algorithm == key.algorithm;
  });
  if (static_cast<std::size_t>(same) >= kKeysMax) {
    throw KeyError("there are more than " + std::to_string(kKeysMax) + " keys for " +
                   std::string(to_string(key.algorithm)));
  }
  keys_.push_back(std::move(key));
}

void KeySet::append(const KeySet& other) {
  keys_.insert(keys_.end(), other.keys_.begin(), other.keys_.end());
}

}  // namespace usher::auth
