// How long one kind of work (sockets, tasks of the mailbox, timers, connections that go on) may
// take in one turn of the loop. When the budget is spent, the rest is done in the next turn, after
// the other kinds. So a connection that asks for little waits no longer than one budget of each
// kind, however much others have sent.
//
// One piece of work is always done, however late it is. is_spent() reads the clock, which costs
// some 30 ns: call it between two sockets or tasks, not between two bytes.
//
// Threads: belongs to one thread.
#pragma once

#include "base/clock.h"

namespace usher::net {

inline constexpr Duration kTurnBudget = std::chrono::milliseconds(2);

class TurnBudget {
 public:
  // Borrows `clock`.
  explicit TurnBudget(const Clock& clock, Duration duration = kTurnBudget)
      : clock_(clock), until_(clock.now() + duration) {}

  bool is_spent() const { return clock_.now() >= until_; }

 private:
  const Clock& clock_;
  const TimePoint until_;
};

}  // namespace usher::net
