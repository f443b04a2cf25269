#include "redis/link/backoff.h"

#include <algorithm>
#include <bit>

namespace usher::redis {

Duration Backoff::failed() {
  constexpr std::uint32_t kDoublingsMax = 10;
  const auto doublings = std::min(failures_, kDoublingsMax);
  failures_ += failures_ < kDoublingsMax ? 1 : 0;
  const std::chrono::milliseconds whole = std::min(kCap, kFirst * (1 << doublings));
  const auto random = std::bit_cast<std::uint32_t>(entropy_.bytes<4>());
  const double share = 0.5 + random / 8589934592.0;  // [0.5, 1)
  return std::chrono::duration_cast<Duration>(whole * share);
}

}  // namespace usher::redis
