// The keys that a verifier trusts. A plain value: to rotate, build another and swap the verifier
// that holds it.
#pragma once

#include <cstddef>
#include <vector>

#include "auth/key.h"

namespace usher::auth {

class KeySet {
 public:
  static constexpr std::size_t kKeysMax = 32;  // what a token without a `kid` may cost

  KeySet() = default;

  // Throws KeyError over kKeysMax of one algorithm. Keys may share a `kid`: a token that names it
  // is tried with each that has the token's algorithm.
  explicit KeySet(std::vector<Key> keys);

  void add(Key key);  // throws as the constructor does

  // Adds another set's keys, beyond kKeysMax too: each source is bounded by itself.
  void append(const KeySet& other);

  const std::vector<Key>& keys() const { return keys_; }
  bool empty() const { return keys_.empty(); }

 private:
  std::vector<Key> keys_;
};

}  // namespace usher::auth
