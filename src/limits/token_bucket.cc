#include "limits/token_bucket.h"

#include <algorithm>
#include <charconv>

#include "base/duration_text.h"

namespace usher::limits {

std::optional<RateLimit> parse_rate_limit(std::string_view text) {
  if (text == "0") return kNoLimit;
  RateLimit limit;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, limit.count);
  if (error != std::errc() || rest == end || *rest != '/' || limit.count == 0) return std::nullopt;
  const auto per = parse_duration(std::string_view(rest + 1, end));
  if (!per || *per <= Duration::zero()) return std::nullopt;
  limit.per = *per;
  return limit;
}

std::string format_rate_limit(RateLimit limit) {
  if (limit.unlimited()) return "0";
  return std::to_string(limit.count) + "/" + format_duration(limit.per);
}

// Rounded up, so that the rate is never above what was asked for.
Duration TokenBucket::token_of(RateLimit limit) {
  return (limit.per + Duration(limit.count - 1)) / limit.count;
}

void TokenBucket::fit(RateLimit limit, TimePoint now) {
  if (limit.unlimited()) return;
  full_at_ = std::min(full_at_, now + token_of(limit) * limit.count);
}

Admission TokenBucket::take(RateLimit limit, TimePoint now) {
  if (limit.unlimited()) return {};
  const Duration token = token_of(limit);
  fit(limit, now);
  const TimePoint full_at = std::max(full_at_, now) + token;
  const Duration over = full_at - now - token * limit.count;
  if (over > Duration::zero()) return {over};
  full_at_ = full_at;
  return {};
}

}  // namespace usher::limits
