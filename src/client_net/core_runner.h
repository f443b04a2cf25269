// Runs a core of pure decisions (a ClientSession or a TicketDesk): hands it inputs with the time,
// one after the other, and a Tick when its timer is over. Its owner carries out what comes out.
//
// Threads: failure() from any thread, the rest on the owner's strand.
// Limits: an input that is handed in while outputs are carried out waits for its turn; the owner
// bounds what it hands in.
#pragma once

#include <bit>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "client/client_session.h"
#include "client/ticket_desk.h"
#include "client_net/boot_timer.h"
#include "client_net/session_clock.h"

namespace usher::client_net {

// `Core::handle` takes an `In` and returns an `Out`.
template <class Core, class In, class Out>
class CoreRunner {
 public:
  using CarryOut = std::function<void(const Out&)>;

  // The core is made of `arguments` and a source of random numbers. `carry_out` may call take(). It
  // is called only inside take().
  template <class... Arguments>
  explicit CoreRunner(CarryOut carry_out, Arguments&&... arguments)
      : core_(std::forward<Arguments>(arguments)..., [this] { return draw(); }),
        carry_out_(std::move(carry_out)) {}

  // From now on there is a timer on `executor`: it calls `tick`, which must call take() with a
  // Tick, and must not do so when the runner is gone. Throws std::system_error if the kernel has no
  // timer left.
  void start(const boost::asio::any_io_executor& executor, std::function<void()> tick) {
    timer_ = std::make_unique<BootTimer>(executor, std::move(tick));
  }

  // Ends the timer.
  void stop() { timer_.reset(); }

  // One input after the other: an input that an output causes inline waits for its turn.
  void take(In input) {
    inbox_.push_back(std::move(input));
    if (std::exchange(draining_, true)) return;
    while (!inbox_.empty()) {
      const In next = std::move(inbox_.front());
      inbox_.pop_front();
      const Out output = core_.handle(next, clock_.now());
      note_failure();
      carry_out_(output);
    }
    draining_ = false;
    arm_timer();
  }

  const Core& core() const { return core_; }

  client::Instant now() const { return clock_.now(); }

  // As the core's; that of a moment ago.
  std::optional<client::Failed> failure() const {
    const std::lock_guard lock(failure_mutex_);
    return failure_;
  }

 private:
  void note_failure() {
    const std::lock_guard lock(failure_mutex_);
    failure_ = core_.failure();
  }

  void arm_timer() {
    if (!timer_) return;
    const auto due = core_.timer();
    if (!due) return timer_->disarm();
    timer_->arm(clock_.to_boot_time(*due));
  }

  // Uniform in [0, 1): 53 random bits, as many as a double holds.
  double draw() {
    const auto bits = std::bit_cast<std::uint64_t>(entropy_.bytes<8>());
    return static_cast<double>(bits >> 11) * 0x1p-53;
  }

  const SessionClock clock_;
  SystemEntropy entropy_;
  Core core_;
  const CarryOut carry_out_;
  std::deque<In> inbox_;
  bool draining_ = false;
  std::unique_ptr<BootTimer> timer_;

  mutable std::mutex failure_mutex_;
  std::optional<client::Failed> failure_;
};

using SessionRunner = CoreRunner<client::ClientSession, client::Input, client::Output>;
using DeskRunner = CoreRunner<client::TicketDesk, client::DeskInput, client::DeskOutput>;

}  // namespace usher::client_net
