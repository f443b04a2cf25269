// One token bucket for each session or address, all under the same limit.
//
// A bucket that is full again is the same as no bucket, so it is removed. Memory therefore depends
// on the keys of the last `per` only. When a flood of different keys leaves no room, all new keys
// of a stripe share one bucket. So a peer that is being limited can't get a fresh bucket by
// flooding, and the total is bounded by (buckets_max + stripes) times the limit.
//
// Keys are stored as keyed 64-bit hashes: long keys take no more memory, and a peer can't make keys
// collide.
//
// A new limit keeps the buckets: a peer that is being limited goes on to be limited.
//
// Threads: any; striped locks.
// Limits: RateLimiterOptions.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/entropy.h"
#include "base/sip_hash.h"
#include "limits/token_bucket.h"

namespace usher::limits {

struct RateLimiterOptions {
  std::size_t buckets_max = 262'144;  // about 64 bytes each
  std::size_t stripes = 16;           // a power of two, at most buckets_max
};

class RateLimiter {
 public:
  // Borrows `entropy` during the call only.
  RateLimiter(RateLimit limit, RateLimiterOptions options, Entropy& entropy);
  ~RateLimiter();

  // From now on each bucket has this limit. A bucket that was full stays full.
  void set_limit(RateLimit limit, TimePoint now);

  Admission take(std::string_view key, TimePoint now);
  // Returns the result that take() would have now; but a key without a bucket is always admitted.
  Admission peek(std::string_view key, TimePoint now) const;

  std::size_t size() const;  // buckets held; for metrics and tests

 private:
  struct Stripe;

  Stripe& stripe_of(std::uint64_t hashed) const;

  const RateLimiterOptions options_;
  const SipKey key_;
  std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace usher::limits
