#include "net/poller.h"

#include <cerrno>

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

void Poller::remove(int fd) {
  USHER_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr) == 0);
}

Poller::Handled Poller::handle_ready(const TurnBudget& budget) {
  const int result = epoll_wait(epoll_.get(), batch_.data(), kBatch, 0);
  if (result < 0) {
    USHER_CHECK(errno == EINTR);
    return {.may_be_more = true};
  }
  const auto count = static_cast<std::size_t>(result);
  for (std::size_t i = 0; i < count; ++i) {
    static_cast<Pollable*>(batch_[i].data.ptr)->on_events(batch_[i].events);
    if (i + 1 < count && budget.is_spent()) return {i + 1, true};
  }
  return {count, count == kBatch};
}

}  // namespace usher::net
