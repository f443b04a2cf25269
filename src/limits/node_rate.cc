#include "limits/node_rate.h"

namespace usher::limits {

void NodeRate::set_limit(RateLimit limit) {
  const std::lock_guard lock(mutex_);
  limit_ = limit;
  unlimited_ = limit.unlimited();
}

Admission NodeRate::peek(TimePoint now) const {
  if (unlimited_) return {};
  const std::lock_guard lock(mutex_);
  TokenBucket copy = bucket_;
  return limit_.unlimited() ? Admission{} : copy.take(limit_, now);
}

Admission NodeRate::take(TimePoint now) {
  if (unlimited_) return {};
  const std::lock_guard lock(mutex_);
  return limit_.unlimited() ? Admission{} : bucket_.take(limit_, now);
}

}  // namespace usher::limits
