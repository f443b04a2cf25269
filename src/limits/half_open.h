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

  // An address that has more keeps them, and gets no further one.
  void set_max(std::uint64_t per_address_max) {
    const std::lock_guard lock(mutex_);
    per_address_max_ = per_address_max;
  }

  // Returns false if the address is at its limit. Otherwise counts the connection until the caller
  // calls release().
  bool admit(const std::string& address) {
    const std::lock_guard lock(mutex_);
    std::uint64_t& count = counts_[address];  // without a limit too: one may be set
    if (per_address_max_ != 0 && count >= per_address_max_) return false;
    ++count;
    return true;
  }

  void release(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(address);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::uint64_t per_address_max_;  // guarded by mutex_, as counts_
  std::unordered_map<std::string, std::uint64_t> counts_;
};

}  // namespace usher::limits
