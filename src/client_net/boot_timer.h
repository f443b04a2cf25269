// One timer on the clock that goes on while the machine sleeps, so that what came due in the night
// fires at waking (Asio's own timers stand still meanwhile).
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
  // Calls `fire` on `executor` when the time that it was armed for has come, never inline; a call
  // that was already under way when it was armed anew comes too early, so whoever is called looks
  // at the clock. Throws std::system_error if the kernel has no timer left.
  BootTimer(const boost::asio::any_io_executor& executor, std::function<void()> fire);
  ~BootTimer();  // `fire` is not called any more
  BootTimer(const BootTimer&) = delete;
  BootTimer& operator=(const BootTimer&) = delete;

  void arm(TimePoint due);  // of base/system.h's SystemClock; replaces what it was armed for
  void disarm();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace usher::client_net
