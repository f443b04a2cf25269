// One timer on the clock that goes on while the machine sleeps, so that a deadline that has passed
// during sleep is noticed at waking. (The clock of Asio's own timers stands still meanwhile.)
//
// Threads: belongs to the strand of its executor.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"

namespace boost::asio {
class any_io_executor;
}

namespace usher::client_net {

class BootTimer {
 public:
  // Calls `fire` on `executor`, never inline, when the time for which the timer was armed has come.
  // A call that is already under way when the timer is armed anew comes too early: `fire` must look
  // at the clock. Throws std::system_error if the kernel has no timer left.
  BootTimer(const boost::asio::any_io_executor& executor, std::function<void()> fire);
  ~BootTimer();  // `fire` is not called after it
  BootTimer(const BootTimer&) = delete;
  BootTimer& operator=(const BootTimer&) = delete;

  // `due` is a time of SystemClock (base/system.h). Replaces the earlier one.
  void arm(TimePoint due);
  void disarm();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace usher::client_net
