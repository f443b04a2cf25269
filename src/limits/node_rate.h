// One rate for the whole node: tickets and upgrades per second, of all clients together.
//
// peek() and take() are separate: a request that will be refused anyway (no token, or a bad one)
// can be answered "overloaded" early, and does not use up the rate of honest clients.
//
// Threads: any; one short lock.
#pragma once

#include <atomic>
#include <mutex>

#include "base/clock.h"
#include "limits/token_bucket.h"

namespace usher::limits {

class NodeRate {
 public:
  explicit NodeRate(RateLimit limit) : unlimited_(limit.unlimited()), limit_(limit) {}

  // Keeps how much has been taken.
  void set_limit(RateLimit limit);

  // Returns the result that take() would have now.
  Admission peek(TimePoint now) const;
  Admission take(TimePoint now);

 private:
  std::atomic<bool> unlimited_;  // then no lock is taken
  mutable std::mutex mutex_;
  RateLimit limit_;  // guarded by mutex_, as bucket_
  TokenBucket bucket_;
};

}  // namespace usher::limits
