// Publications with an idempotency key: a backend that repeats a request publishes once.
//
// Keys are kept as keyed 128-bit hashes of channel and key. When the table is full, new keys are
// refused, and no old key is forgotten: the promise holds for every key that was accepted.
//
// Threads: none of its own; lives at a home shard.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/sip_hash.h"
#include "hub/publication.h"

namespace usher::hub {

class Idempotency {
 public:
  struct Key {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };

  Idempotency(std::size_t keys_max, Duration ttl, Entropy& entropy);

  Key key_of(std::string_view channel, std::string_view idempotency_key) const;

  // Returns the position of the publication under `key` within the ttl, or null.
  const Position* find(const Key& key, TimePoint now);

  bool full(TimePoint now);
  // Requires: the table is not full, and `key` is not in it.
  void remember(const Key& key, Position position, TimePoint now);

  void tick(TimePoint now);
  std::size_t size() const { return positions_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.low; }
  };

  const std::size_t keys_max_;
  const Duration ttl_;
  const SipKey sip_high_;
  const SipKey sip_low_;
  std::unordered_map<Key, Position, Hash> positions_;
  std::deque<std::pair<TimePoint, Key>> expiry_;  // oldest first, because all have the same ttl
};

}  // namespace usher::hub
