#include "limits/node_rate.h"

namespace usher::limits {

Admission NodeRate::peek(TimePoint now) const {
  TokenBucket copy;
  {
    const std::lock_guard lock(mutex_);
    copy = bucket_;
  }
  return copy.take(limit_, now);
}

Admission NodeRate::take(TimePoint now) {
  const std::lock_guard lock(mutex_);
  return bucket_.take(limit_, now);
}

}  // namespace usher::limits
