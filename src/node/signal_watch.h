// Hears signals on a thread that does nothing else, and sees to it that the process ends in time:
// whatever the other threads wait for (a disk, a name server, a hook, a log that is not read), a
// signal has its effect.
//
// One for each process, for the rest of its life: it also guards the very end, when everything else
// is gone.
//
// Threads: any; `on_signal` and `last_words` are called on the watch's own.
#pragma once

#include <functional>

#include "base/clock.h"

namespace usher::node {

class SignalWatch {
 public:
  using OnSignal = std::function<void(int signal)>;

  // SIGTERM, SIGINT and SIGHUP are heard; see ignore_other_signals() for the rest. Until serve() is
  // called, SIGTERM and SIGINT end the process as they would by themselves, and SIGHUP waits.
  static SignalWatch& start();

  // From now on. When it returns, what was given before is no longer called.
  void serve(OnSignal on_signal);

  // Signals do nothing from now on, and what was given is no longer called. A deadline stays.
  void stop_listening();

  // The process ends within `within` from now, with `exit_code`, however it goes on: then
  // `last_words` is called, which must not take long. Replaces what was asked for before, which is
  // not called once this returns.
  void end_within(Duration within, int exit_code, std::function<void()> last_words);

 private:
  struct State;
  explicit SignalWatch(State& state) : state_(state) {}

  State& state_;
};

// SIGUSR1, SIGUSR2, SIGALRM, SIGXFSZ, SIGTTOU and whatever else would end or stop the process
// without a farewell does nothing from now on. Left alone: what is heard, SIGQUIT (a core, for who
// asks for one), SIGTSTP, faults, and signals that are not in their default.
void ignore_other_signals();

}  // namespace usher::node
