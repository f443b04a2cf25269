// One rate for the whole node: tickets and upgrades per second, of all clients together.
//
// peek() and take() are separate: a request that will be refused anyway (no token, or a bad one)
// can be answered "overloaded" early, and does not use up the rate of honest clients.
//
// Threads: any; one short lock.
#pragma once

#include <mutex>

#include "base/clock.h"
#include "limits/token_bucket.h"

namespace usher::limits {

class NodeRate {
 public:
  explicit NodeRate(RateLimit limit) : limit_(limit) {}

  // Returns the result that take() would have now.
  Admission peek(TimePoint now) const;
  Admission take(TimePoint now);

 private:
  const RateLimit limit_;
  mutable std::mutex mutex_;
  TokenBucket bucket_;
};

}  // namespace usher::limits
