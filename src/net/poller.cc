#include "net/poller.h"

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace usher::net {
namespace {

epoll_event make_event(std::uint32_t events, Pollable& pollable) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &pollable;
  return event;
}

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { USHER_CHECK(epoll_); }

bool Poller::add(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event = make_event(events, pollable);
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool Poller::modify(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event = make_event(events, pollable);
  return epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0;
}

Poller::Handled Poller::handle_ready(const TurnBudget& budget) {
  const int result = epoll_wait(epoll_.get(), batch_.data(), kBatch, 0);
  if (result < 0) {
    USHER_CHECK(errno == EINTR);
    return {.may_be_more = true};
  }
  const auto count = static_cast<std::size_t>(result);
  const std::size_t first = count > 0 ? std::exchange(next_, 0) % count : 0;
  for (std::size_t done = 1; done <= count; ++done) {
    const epoll_event& ready = batch_[(first + done - 1) % count];
    static_cast<Pollable*>(ready.data.ptr)->on_events(ready.events);
    if (done == count || !budget.is_spent()) continue;
    next_ = first + done;
    return {done, true};
  }
  return {count, count == kBatch};
}

}  // namespace usher::net
