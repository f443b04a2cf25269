// One token bucket for each session or address, all under the same limit.
//
// A bucket that is full again is as good as none, so it is forgotten; so memory follows the keys of
// the last `per`. When a flood of different keys leaves no room, a newcomer shares one bucket with
// all the other newcomers of its stripe: nobody who is being held back gets a fresh bucket by
// flooding, and what is let through stays bounded by (buckets_max + stripes) times the limit.
//
// Keys are held as keyed 64-bit hashes: their length costs nothing, and no peer can make them
// collide.
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

  Admission take(std::string_view key, TimePoint now);
  // What take() would say now, but that a key of which nothing is known is always let through.
  Admission peek(std::string_view key, TimePoint now) const;

  std::size_t size() const;  // buckets held; for metrics and tests
  RateLimit limit() const { return limit_; }

 private:
  struct Stripe;

  Stripe& stripe_of(std::uint64_t hashed) const;

  const RateLimit limit_;
  const RateLimiterOptions options_;
  const SipKey key_;
  std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace usher::limits
