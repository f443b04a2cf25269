#include "gateway/node_rate.h"

namespace usher::gateway {

auth::Admission NodeRate::peek(TimePoint now) const {
  auth::TokenBucket copy;
  {
    const std::lock_guard lock(mutex_);
    copy = bucket_;
  }
  return copy.take(limit_, now);
}

auth::Admission NodeRate::take(TimePoint now) {
  const std::lock_guard lock(mutex_);
  return bucket_.take(limit_, now);
}

}  // namespace usher::gateway
