#include "bench/load/loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"

namespace usher::bench {

Loop::Loop(const Clock& clock)
    : clock_(clock),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(std::make_unique<std::array<char, kReceiveBytes>>()) {
  USHER_CHECK(epoll_ >= 0);
}

Loop::~Loop() { close(epoll_); }

void Loop::watch(int fd, Watcher& watcher) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watcher;
  USHER_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0);
}

bool Loop::run(const std::function<bool()>& done, Duration patience) {
  progress();
  for (;;) {
    end_turn();
    if (done()) return true;
    const TimePoint give_up_at = last_progress_ + patience;
    if (now() >= give_up_at) return false;
    wait(timers_.empty() ? give_up_at : std::min(give_up_at, timers_.begin()->first));
    run_timers();
  }
}

// What ends a turn may add to it.
void Loop::end_turn() {
  for (std::size_t i = 0; i < endings_.size(); ++i) std::exchange(endings_[i], {})();
  endings_.clear();
  graves_.clear();
}

void Loop::wait(TimePoint until) {
  const auto left = std::max(until - now(), Duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec timeout{static_cast<time_t>(seconds.count()),
                         static_cast<long>((left - seconds).count())};
  std::array<epoll_event, kBatch> batch;
  const int count =
      epoll_pwait2(epoll_, batch.data(), static_cast<int>(batch.size()), &timeout, nullptr);
  USHER_CHECK(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = batch[static_cast<std::size_t>(i)];
    static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
  }
}

void Loop::run_timers() {
  const TimePoint time = now();
  while (!timers_.empty() && timers_.begin()->first <= time) {
    const auto task = std::move(timers_.extract(timers_.begin()).mapped());
    task();
  }
}

}  // namespace usher::bench
