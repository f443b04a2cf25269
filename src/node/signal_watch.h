// Receives signals on a thread that does nothing else, and makes sure that the process ends in
// time. A signal has its effect whatever the other threads wait for (a disk, a name server, a hook,
// a log that is not read).
//
// There is one for each process, for the rest of its life: it also guards the very end, when
// everything else is destroyed.
//
// Threads: any; `on_signal` and `last_words` are called on the watch's own thread.
#pragma once

#include <functional>

#include "base/clock.h"

namespace usher::node {

class SignalWatch {
 public:
  using OnSignal = std::function<void(int signal)>;

  // Begins to receive SIGTERM, SIGINT and SIGHUP; see ignore_other_signals() for the rest. Until
  // serve() is called, SIGTERM and SIGINT end the process as by default, and SIGHUP waits.
  static SignalWatch& start();

  // Calls `on_signal` for each signal from now on. Once serve() returns, the function of an earlier
  // call is no longer called.
  void serve(OnSignal on_signal);

  // Signals do nothing from now on: neither `on_signal` nor `last_words` is called any more. A
  // deadline stays.
  void stop_listening();

  // Ends the process after `within` at the latest, with `exit_code`, whatever it is doing. At that
  // deadline it calls `last_words` first, which must not take long. Replaces an earlier deadline:
  // its `last_words` is not called once this returns.
  void end_within(Duration within, int exit_code, std::function<void()> last_words);

 private:
  struct State;
  explicit SignalWatch(State& state) : state_(state) {}

  State& state_;
};

// From now on SIGUSR1, SIGUSR2, SIGALRM, SIGXFSZ, SIGTTOU and all other signals that would end or
// stop the process without a farewell do nothing. Not changed: the signals that the watch receives,
// SIGQUIT (for a core dump on request), SIGTSTP, faults, and signals without their default action.
void ignore_other_signals();

}  // namespace usher::node
