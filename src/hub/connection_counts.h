// How many connections a session or a user has, and which of them is the oldest.
//
// A flat table of 24 bytes for each connection. The key is a keyed 64-bit hash of the name, so no
// string is kept. Two names share a hash with a probability of 2^-64, and would then share a limit.
//
// Threads: none of its own; lives at a home shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hub/client_id.h"

namespace usher::hub {

class ConnectionCounts {
 public:
  struct Connection {
    ClientId client;
    std::uint32_t shard = 0;
    friend bool operator==(const Connection&, const Connection&) = default;
  };

  // 0: no limit.
  explicit ConnectionCounts(std::size_t connections_max) : max_(connections_max) {}

  // A session or user that has more keeps them, and loses the oldest with the next one.
  void set_max(std::size_t connections_max);

  // Counts one more connection of `key`. If there are then too many, stops counting the oldest and
  // returns it.
  std::optional<Connection> add(std::uint64_t key, Connection connection);

  // Does nothing if the connection is not counted, or no longer.
  void remove(std::uint64_t key, ClientId client);

  std::size_t distinct() const { return distinct_; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    ClientId client;          // none: the slot is free
    std::uint64_t order = 0;  // when it came: 40 bits, and its shard: 24 bits
  };

  std::size_t next(std::size_t i) const { return (i + 1) & (slots_.size() - 1); }
  std::size_t home(std::uint64_t key) const { return key & (slots_.size() - 1); }
  bool has_slot(std::uint64_t key) const;
  void remove_unlimited(std::uint64_t key);
  void put(const Slot& slot);
  void erase(std::size_t hole);
  void grow();

  std::size_t max_;
  std::vector<Slot> slots_;  // a power of two, or none
  std::size_t size_ = 0;
  std::size_t distinct_ = 0;
  std::uint64_t arrivals_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> unlimited_;  // key → connections that came
                                                                // without a limit
};

}  // namespace usher::hub
