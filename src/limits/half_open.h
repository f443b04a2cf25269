// The number of half-open connections of each address: connections that have not yet sent a whole
// request. It limits how many of them one peer can hold.
//
// Threads: shared by all shards.
// Limits: `per_address_max`; the table holds only addresses with a half-open connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace usher::limits {

// Addresses are compared by their limits::address_key(): IPv6 by /64.
class HalfOpen {
 public:
  // 0: no limit.
  explicit HalfOpen(std::uint64_t per_address_max) : per_address_max_(per_address_max) {}

  // Returns false if the address is at its limit. Otherwise counts the connection until the caller
  // calls release().
  bool admit(const std::string& address) {
    if (per_address_max_ == 0) return true;
    const std::lock_guard lock(mutex_);
    std::uint64_t& count = counts_[address];
    if (count >= per_address_max_) return false;
    ++count;
    return true;
  }

  void release(const std::string& address) {
    if (per_address_max_ == 0) return;
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(address);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  const std::uint64_t per_address_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint64_t> counts_;
};

}  // namespace usher::limits
