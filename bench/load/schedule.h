// When each message of a fan-out was due.
//
// Threads: add() on the publisher's, before the message leaves; due() on those that receive it.
// What is written is never changed, so reading it costs a plain load.  Limits: as many as
// announced.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "base/check.h"
#include "base/clock.h"

namespace usher::bench {

class Schedule {
 public:
  // The first `warm_up` of them are not timed.
  explicit Schedule(std::size_t messages, std::size_t warm_up = 0)
      : due_(messages), warm_up_(warm_up) {}

  // The next message, and which it is. Requires !is_full().
  std::size_t add(TimePoint due) {
    USHER_CHECK(!is_full());
    due_[published_].store(due.time_since_epoch().count(), std::memory_order_release);
    return published_++;
  }

  std::size_t published() const { return published_; }  // the publisher's
  bool is_timed(std::size_t number) const { return number >= warm_up_; }
  bool is_full() const { return published_ == due_.size(); }

  // Nothing: there is no such message, or not yet.
  std::optional<TimePoint> due(std::size_t number) const {
    if (number >= due_.size()) return std::nullopt;
    const Duration::rep time = due_[number].load(std::memory_order_acquire);
    if (time == kNotYet) return std::nullopt;
    return TimePoint(Duration(time));
  }

 private:
  static constexpr Duration::rep kNotYet = 0;  // the machine's start

  std::vector<std::atomic<Duration::rep>> due_;
  const std::size_t warm_up_;
  std::size_t published_ = 0;
};

}  // namespace usher::bench
