// The keys that a verifier trusts. A plain value: keys are rotated by building another set and
// swapping the verifier that holds it.
#pragma once

#include <cstddef>
#include <vector>

#include "auth/key.h"

namespace usher::auth {

class KeySet {
 public:
  static constexpr std::size_t kKeysMax = 32;  // bounds the cost of a token without a `kid`

  KeySet() = default;

  // Throws KeyError for more than kKeysMax keys of one algorithm. Keys may share a `kid`: a token
  // that names it is tried with each of them that has the token's algorithm.
  explicit KeySet(std::vector<Key> keys);

  void add(Key key);  // throws as the constructor does

  // Adds another set's keys, even beyond kKeysMax: the limit applies to each source.
  void append(const KeySet& other);

  const std::vector<Key>& keys() const { return keys_; }
  bool empty() const { return keys_.empty(); }

 private:
  std::vector<Key> keys_;
};

}  // namespace usher::auth
