// So many events in so much time, as a token bucket of one word.
//
// The whole state is the moment at which the bucket will be full again (the "virtual scheduling"
// form of GCRA, ITU-T I.371): taking a token moves it by per/count, and a bucket whose moment has
// passed is as good as new.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace usher::limits {

// `count` at once, refilled evenly over `per`. A count of 0 means no limit.
struct RateLimit {
  std::uint32_t count = 0;
  Duration per{};

  bool unlimited() const { return count == 0; }
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

inline constexpr RateLimit kNoLimit{};

// "30/10s"; "0" is no limit. Nothing for anything else: see parse_duration for what stands behind
// the slash.
std::optional<RateLimit> parse_rate_limit(std::string_view text);
std::string format_rate_limit(RateLimit limit);

// Whether it was let through, and if not, after which time it is worth trying again (always more
// than zero).
struct Admission {
  Duration retry_after{};
  explicit operator bool() const { return retry_after == Duration::zero(); }
};

class TokenBucket {
 public:
  Admission take(RateLimit limit, TimePoint now);
  bool is_full(TimePoint now) const { return full_at_ <= now; }

 private:
  TimePoint full_at_ = TimePoint::min();
};

}  // namespace usher::limits
