#include "limits/rate_limiter.h"

#include <algorithm>
#include <bit>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <mutex>
#include <span>

#include "base/check.h"

namespace usher::limits {
namespace {

namespace mi = boost::multi_index;

struct Entry {
  std::uint64_t key;
  mutable TokenBucket bucket;  // not part of any index
};

// Keys are SipHash values already; their low bits chose the stripe.
struct HighBits {
  std::size_t operator()(std::uint64_t key) const { return key >> 16; }
};

// In the order of the last admission: the front is the first to be full again.
using Buckets = mi::multi_index_container<
    Entry,
    mi::indexed_by<mi::sequenced<>,
                   mi::hashed_unique<mi::member<Entry, std::uint64_t, &Entry::key>, HighBits>>>;

}  // namespace

struct alignas(64) RateLimiter::Stripe {
  mutable std::mutex mutex;
  RateLimit limit;
  Buckets buckets;
  TokenBucket overflow;  // of all newcomers for whom there is no room

  Admission take(std::uint64_t key, std::size_t buckets_max, TimePoint now) {
    if (limit.unlimited()) return {};
    // Two for each that may come: so the table shrinks while it is used.
    for (int i = 0; i < 2 && !buckets.empty() && buckets.front().bucket.is_full(now); ++i) {
      buckets.pop_front();
    }
    auto& by_key = buckets.get<1>();
    auto found = by_key.find(key);
    if (found == by_key.end()) {
      if (buckets.size() >= buckets_max) return overflow.take(limit, now);
      found = by_key.insert(Entry{key, {}}).first;
    }
    const Admission admission = found->bucket.take(limit, now);
    if (admission) buckets.relocate(buckets.end(), buckets.project<0>(found));
    return admission;
  }
};

RateLimiter::RateLimiter(RateLimit limit, RateLimiterOptions options, Entropy& entropy)
    : options_(options),
      key_(SipKey::random(entropy)),
      stripes_(std::make_unique<Stripe[]>(options.stripes)) {
  USHER_CHECK(std::has_single_bit(options.stripes) && options.stripes <= 65'536);
  USHER_CHECK(options.buckets_max >= options.stripes);
  set_limit(limit, TimePoint::min());
}

void RateLimiter::set_limit(RateLimit limit, TimePoint now) {
  for (Stripe& stripe : std::span(stripes_.get(), options_.stripes)) {
    const std::lock_guard lock(stripe.mutex);
    stripe.limit = limit;
    for (const Entry& entry : stripe.buckets) entry.bucket.fit(limit, now);
    stripe.overflow.fit(limit, now);
  }
}

RateLimiter::~RateLimiter() = default;

Admission RateLimiter::take(std::string_view key, TimePoint now) {
  const std::uint64_t hashed = sip_hash(key_, key);
  Stripe& stripe = stripe_of(hashed);
  const std::lock_guard lock(stripe.mutex);
  return stripe.take(hashed, options_.buckets_max / options_.stripes, now);
}

Admission RateLimiter::peek(std::string_view key, TimePoint now) const {
  const std::uint64_t hashed = sip_hash(key_, key);
  const Stripe& stripe = stripe_of(hashed);
  const std::lock_guard lock(stripe.mutex);
  if (stripe.limit.unlimited()) return {};
  const auto& by_key = stripe.buckets.get<1>();
  const auto found = by_key.find(hashed);
  if (found == by_key.end()) return {};
  TokenBucket copy = found->bucket;
  return copy.take(stripe.limit, now);
}

RateLimiter::Stripe& RateLimiter::stripe_of(std::uint64_t hashed) const {
  return stripes_[hashed & (options_.stripes - 1)];
}

std::size_t RateLimiter::size() const {
  std::size_t size = 0;
  for (const Stripe& stripe : std::span(stripes_.get(), options_.stripes)) {
    const std::lock_guard lock(stripe.mutex);
    size += stripe.buckets.size();
  }
  return size;
}

}  // namespace usher::limits
