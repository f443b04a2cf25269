// How many subscriptions of each session wait for an owner, and which one makes room when the table
// is full.
//
// All connections of a shard share one table. Each session has a share of it, and a full table
// takes from the session that holds most. So sessions that fill their shares cannot keep out one
// that waits for a single channel, however many they are.
//
// Threads: its shard's. Limits: the caller asks of() and size() before it adds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace usher::hub {

class PendingShares {
 public:
  // `serial` names a subscription of `session`. Serials grow, and none is added twice.
  void add(std::string_view session, std::uint64_t serial);
  // Requires: it was added.
  void remove(std::string_view session, std::uint64_t serial);

  std::size_t size() const { return size_; }
  std::size_t of(std::string_view session) const;

  // Returns the newest subscription of the session that holds most, or nothing if no session holds
  // more than `count`.
  std::optional<std::uint64_t> newest_of_most(std::size_t count) const;

 private:
  std::map<std::string, std::set<std::uint64_t>, std::less<>> sessions_;
  std::set<std::pair<std::size_t, std::string_view>> by_count_;  // the names are the map's keys
  std::size_t size_ = 0;
};

}  // namespace usher::hub
