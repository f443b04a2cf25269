#include "node/signal_watch.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>
#include <utility>

namespace usher::node {
namespace {

namespace asio = boost::asio;

constexpr int kEndedBySignal = 128;  // as shells count

// As the first process of a container nothing ends by default: then by ourselves.
[[noreturn]] void end_by(int signal) {
  ::signal(signal, SIG_DFL);
  raise(signal);
  _exit(kEndedBySignal + signal);
}

}  // namespace

struct SignalWatch::State {
  void wait() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (!error) hear(signal);
      wait();
    });
  }

  void hear(int signal) {
    const std::lock_guard lock(mutex);
    if (on_signal) return on_signal(signal);
    if (signal != SIGHUP) end_by(signal);
    early_hangup = true;
  }

  asio::io_context io{1};
  asio::signal_set signals{io, SIGTERM, SIGINT, SIGHUP};
  asio::steady_timer deadline{io};
  // Recursive: the handler of a signal calls end_within().
  std::recursive_mutex mutex;
  OnSignal on_signal;  // guarded by mutex, as all below
  bool early_hangup = false;
  int exit_code = 0;
  std::function<void()> last_words;
};

SignalWatch& SignalWatch::start() {
  // Never destroyed: the thread goes on until the process has ended.
  static State& state = *new State;
  static SignalWatch* const watch = [] {
    state.wait();
    std::thread([] { state.io.run(); }).detach();
    return new SignalWatch(state);
  }();
  return *watch;
}

void SignalWatch::serve(OnSignal on_signal) {
  const std::lock_guard lock(state_.mutex);
  state_.on_signal = std::move(on_signal);
  if (std::exchange(state_.early_hangup, false)) state_.on_signal(SIGHUP);
}

void SignalWatch::stop_listening() {
  const std::lock_guard lock(state_.mutex);
  state_.on_signal = [](int) {};
  state_.last_words = nullptr;
}

void SignalWatch::end_within(Duration within, int exit_code, std::function<void()> last_words) {
  {
    const std::lock_guard lock(state_.mutex);
    state_.exit_code = exit_code;
    state_.last_words = std::move(last_words);
  }
  asio::post(state_.io, [&state = state_, within] {
    state.deadline.expires_after(within);
    state.deadline.async_wait([&state](const boost::system::error_code& error) {
      if (error) return;
      const std::lock_guard lock(state.mutex);
      if (state.last_words) state.last_words();
      _exit(state.exit_code);
    });
  });
}

void ignore_other_signals() {
  constexpr std::array kLeftAlone{SIGTERM, SIGINT,  SIGHUP,  SIGQUIT, SIGTSTP, SIGKILL,
                                  SIGSTOP, SIGCONT, SIGCHLD, SIGSEGV, SIGBUS,  SIGFPE,
                                  SIGILL,  SIGABRT, SIGTRAP, SIGSYS,  SIGURG,  SIGWINCH};
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (std::ranges::find(kLeftAlone, signal) != kLeftAlone.end()) continue;
    struct sigaction now {};
    // Two of the real-time ones are glibc's own, which this refuses.
    if (sigaction(signal, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) continue;
    struct sigaction ignored {};
    ignored.sa_handler = SIG_IGN;
    sigaction(signal, &ignored, nullptr);
  }
}

}  // namespace usher::node
