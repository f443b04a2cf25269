// One rate for the whole node: tickets and upgrades per second, whoever asks.
//
// Looking and taking are apart, so that a flood of requests that will be refused anyway (no token,
// a bad one) can see "overloaded" early without using up what honest clients live on.
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

  // What take() would say now.
  Admission peek(TimePoint now) const;
  Admission take(TimePoint now);

 private:
  const RateLimit limit_;
  mutable std::mutex mutex_;
  TokenBucket bucket_;
};

}  // namespace usher::limits
