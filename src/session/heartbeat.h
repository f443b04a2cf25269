// Finds connections whose peer is gone: sends a ping now and then, and expects an answer in time.
//
// Pure: names the next deadline, and the step that is due then.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace usher::session {

struct HeartbeatTimes {
  Duration interval;  // from one ping to the next
  Duration timeout;   // for the answer
};

class Heartbeat {
 public:
  enum class Step : std::uint8_t { wait, ping, give_up };

  explicit Heartbeat(TimePoint now) { set_since(now); }

  // Returns the step that is due at `now`. After `ping`, the caller must send one.
  Step advance(const HeartbeatTimes& times, TimePoint now) {
    if (now < deadline(times)) return Step::wait;
    if (awaiting_) return Step::give_up;
    awaiting_ = true;
    set_since(now);
    return Step::ping;
  }

  // Returns whether a ping is out and not yet answered.
  bool awaits_answer() const { return awaiting_; }

  // Returns when the last ping was sent; before the first ping, when the heartbeat began.
  TimePoint since() const { return TimePoint(Duration(since_)); }

  // The peer has answered. The next ping is due `interval` after the last one.
  void on_answer() { awaiting_ = false; }

  TimePoint deadline(const HeartbeatTimes& times) const {
    return since() + (awaiting_ ? times.timeout : times.interval);
  }

 private:
  void set_since(TimePoint now) { since_ = now.time_since_epoch().count(); }

  // In one word: each connection has one.
  Duration::rep since_ : 63;  // clock ticks: the last ping, or the start
  bool awaiting_ : 1 = false;
};
static_assert(sizeof(Heartbeat) == 8);

}  // namespace usher::session
