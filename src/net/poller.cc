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

void Poller::modify(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event = make_event(events, pollable);
  USHER_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Poller::remove(int fd) {
  USHER_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr) == 0);
}

std::size_t Poller::handle_ready() {
  const int count = epoll_wait(epoll_.get(), batch_.data(), kBatch, 0);
  if (count < 0) {
    USHER_CHECK(errno == EINTR);
    return kBatch;  // nobody knows: ask again
  }
  for (int i = 0; i < count; ++i) {
    static_cast<Pollable*>(batch_[static_cast<std::size_t>(i)].data.ptr)
        ->on_events(batch_[static_cast<std::size_t>(i)].events);
  }
  return static_cast<std::size_t>(count);
}

}  // namespace usher::net
