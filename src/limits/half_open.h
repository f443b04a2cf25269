// How many connections of an address have not yet sent a whole request: a cap on what one peer can
// hold open for nothing.
//
// Threads: shared by all shards.  Limits: `per_address_max`; the table holds only addresses with a
// connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace usher::limits {

// Addresses are told apart as limits::address_key() does: IPv6 by /64.
class HalfOpen {
 public:
  // 0: no limit.
  explicit HalfOpen(std::uint64_t per_address_max) : per_address_max_(per_address_max) {}

  // False: the address is at its limit. True: counted until release().
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
