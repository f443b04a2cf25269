// When each message of a fan-out was due.
//
// Threads: add() on the publisher's, before the message leaves; due() on the receiving ones. An
// entry never changes once it is written, so reading it costs a plain load.
// Limits: `messages` entries.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "base/check.h"
#include "base/clock.h"

namespace usher::bench {

class Schedule {
 public:
  // The first `warm_up` messages are not timed.
  explicit Schedule(std::size_t messages, std::size_t warm_up = 0)
      : due_(messages), warm_up_(warm_up) {}

  // Adds the next message and returns its number. Requires: !is_full().
  std::size_t add(TimePoint due) {
    USHER_CHECK(!is_full());
    due_[published_].store(due.time_since_epoch().count(), std::memory_order_release);
    return published_++;
  }

  std::size_t published() const { return published_; }  // the publisher's
  bool is_timed(std::size_t number) const { return number >= warm_up_; }
  bool is_full() const { return published_ == due_.size(); }

  // Returns `nullopt` if there is no such message, or not yet.
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
