// The keys that a verifier trusts. A plain value: to rotate, build another and swap the verifier
// that holds it.
#pragma once

#include <cstddef>
#include <vector>

#include "auth/key.h"

namespace usher::auth {

class KeySet {
 public:
  static constexpr std::size_t kKeysMax = 32;

  KeySet() = default;

  // Throws KeyError over kKeysMax and where two keys share a `kid`.
  explicit KeySet(std::vector<Key> keys);

  void add(Key key);  // throws as the constructor does

  const std::vector<Key>& keys() const { return keys_; }
  bool empty() const { return keys_.empty(); }

 private:
  std::vector<Key> keys_;
};

}  // namespace usher::auth
