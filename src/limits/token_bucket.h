// A rate limit, and a token bucket whose state is one word.
//
// The whole state is the time at which the bucket will be full again (the "virtual scheduling" form
// of GCRA, ITU-T I.371). Taking a token moves this time by per/count. A bucket whose time has
// passed is equal to a new one.
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

// Parses a limit such as "30/10s"; "0" is no limit. The part after the slash is a duration, see
// parse_duration(). Returns `nullopt` for any other text.
std::optional<RateLimit> parse_rate_limit(std::string_view text);
std::string format_rate_limit(RateLimit limit);

// Whether an event is admitted. If not, `retry_after` is the time until another attempt can
// succeed, always more than zero.
struct Admission {
  Duration retry_after{};
  explicit operator bool() const { return retry_after == Duration::zero(); }
};

class TokenBucket {
 public:
  Admission take(RateLimit limit, TimePoint now);
  // Under a limit that has changed, the bucket is as empty as it was, but never emptier than empty.
  void fit(RateLimit limit, TimePoint now);
  bool is_full(TimePoint now) const { return full_at_ <= now; }

 private:
  static Duration token_of(RateLimit limit);

  TimePoint full_at_ = TimePoint::min();
};

}  // namespace usher::limits
