// One rate for the whole node: tickets and upgrades per second, whoever asks.
//
// Looking and taking are apart, so that a flood of requests that will be refused anyway (no token,
// a bad one) can see "overloaded" early without using up what honest clients live on.
//
// Threads: any; one short lock.
#pragma once

#include <mutex>

#include "auth/token_bucket.h"
#include "base/clock.h"

namespace usher::gateway {

class NodeRate {
 public:
  explicit NodeRate(auth::RateLimit limit) : limit_(limit) {}

  // What take() would say now.
  auth::Admission peek(TimePoint now) const;
  auth::Admission take(TimePoint now);

 private:
  const auth::RateLimit limit_;
  mutable std::mutex mutex_;
  auth::TokenBucket bucket_;
};

}  // namespace usher::gateway
