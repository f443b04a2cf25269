#include "client_net/boot_timer.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/check.h"

namespace usher::client_net {

namespace {

int open_timer() {
  const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return fd;
}

}  // namespace

struct BootTimer::State {
  State(const boost::asio::any_io_executor& executor, std::function<void()> on_fire)
      : descriptor(executor, open_timer()), fire(std::move(on_fire)) {}

  static void wait(const std::shared_ptr<State>& self) {
    if (self->waiting) return;
    self->waiting = true;
    self->descriptor.async_read_some(
        boost::asio::buffer(&self->expirations, sizeof(self->expirations)),
        [self](const boost::system::error_code& error, std::size_t) {
          self->waiting = false;
          if (error) return self->interrupted(self, error);
          self->armed = false;
          if (self->fire) self->fire();
        });
  }

  // disarm() has cancelled the wait, but the timer may have been armed again since.
  static void interrupted(const std::shared_ptr<State>& self,
                          const boost::system::error_code& error) {
    if (error == boost::asio::error::operation_aborted && self->armed && self->fire) wait(self);
  }

  void set(Duration since_boot) {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since_boot).count();
    itimerspec spec{};
    spec.it_value.tv_sec = ns / 1'000'000'000;
    spec.it_value.tv_nsec = ns % 1'000'000'000;
    USHER_CHECK(timerfd_settime(descriptor.native_handle(), TFD_TIMER_ABSTIME, &spec, nullptr) ==
                0);
  }

  boost::asio::posix::stream_descriptor descriptor;
  std::function<void()> fire;
  std::uint64_t expirations = 0;
  bool waiting = false;
  bool armed = false;
};

BootTimer::BootTimer(const boost::asio::any_io_executor& executor, std::function<void()> fire)
    : state_(std::make_shared<State>(executor, std::move(fire))) {}

BootTimer::~BootTimer() {
  state_->fire = nullptr;
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

void BootTimer::arm(TimePoint due) {
  state_->armed = true;
  // Zero would disarm the timer.
  state_->set(std::max<Duration>(due.time_since_epoch(), std::chrono::nanoseconds(1)));
  State::wait(state_);
}

void BootTimer::disarm() {
  if (!state_->armed) return;
  state_->armed = false;
  state_->set(Duration::zero());
  state_->descriptor.cancel();
}

}  // namespace usher::client_net
