// The time of a pair test: one clock for both peers, and what happens at which moment.
//
// Nothing passes by itself. Events of one moment happen in the order in which they were planned.
#pragma once

#include <chrono>
#include <map>
#include <utility>

#include "base/unique_function.h"
#include "client/protocol.h"
#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"

namespace usher::test {

class VirtualTime {
 public:
  const Clock& clock() const { return clock_; }
  const WallClock& wall_clock() const { return wall_clock_; }
  TimePoint now() const { return clock_.now(); }

  // The client's clock: Unix time in whole milliseconds.
  client::Instant instant() const { return client::Instant(wall_clock_.now().time_since_epoch()); }
  // Returns the first moment at which instant() is `due`, or now if that is over.
  TimePoint moment_of(client::Instant due) const {
    return due <= instant() ? now() : start_ + (due - start_instant_);
  }

  void plan(Duration delay, UniqueFunction<void()> event) { plan(now() + delay, std::move(event)); }
  void plan(TimePoint at, UniqueFunction<void()> event) { events_.emplace(at, std::move(event)); }

  // TimePoint::max() if nothing is planned.
  TimePoint next_event() const {
    return events_.empty() ? TimePoint::max() : events_.begin()->first;
  }
  // Requires next_event() <= now().
  void run_event() {
    auto event = events_.extract(events_.begin());
    event.mapped()();
  }

  // Requires that `at` is not over.
  void advance_to(TimePoint at) {
    clock_.advance(at - now());
    wall_clock_.advance(start_instant_ + std::chrono::floor<client::Millis>(at - start_) -
                        instant());
  }

 private:
  ManualClock clock_;
  ManualWallClock wall_clock_;
  const TimePoint start_ = clock_.now();
  const client::Instant start_instant_ = instant();
  std::multimap<TimePoint, UniqueFunction<void()>> events_;
};

}  // namespace usher::test
