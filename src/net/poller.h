// The epoll set of one shard: its listeners, its accepted sockets and its mailbox.
//
// Accepted sockets do not live in Asio: a plain descriptor in a set of our own costs nothing but
// our own state. The set is itself one descriptor in the shard's io_context (epoll sets nest).
// Level-triggered; closing a descriptor removes it, so there is no call for that.
//
// Threads: belongs to one shard's thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>

#include "net/fd.h"
#include "net/turn_budget.h"

namespace usher::net {

// Something with a descriptor in the set. Must outlive the batch in which it closes its descriptor:
// see ConnectionOwner::retire().
class Pollable {
 public:
  // `events` as epoll_wait(2) reports them: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, EPOLLRDHUP.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~Pollable() = default;
};

class Poller {
 public:
  Poller();

  // `pollable` gets the events of `fd` until the descriptor is closed. False when the kernel
  // refuses (out of memory, or over /proc/sys/fs/epoll/max_user_watches).
  bool add(int fd, std::uint32_t events, Pollable& pollable);
  // Other events from now on. False when the kernel refuses, which it has no reason to.
  bool modify(int fd, std::uint32_t events, Pollable& pollable);

  struct Handled {
    std::size_t count = 0;
    bool may_be_more = false;
  };
  // Takes what is ready now, without waiting, at most kBatch, and hands it out until the budget is
  // spent. The kernel reports the rest again, in the same order: the next call begins with it.
  Handled handle_ready(const TurnBudget& budget);

  static constexpr std::size_t kBatch = 256;

  // Readable when something is ready. For the io_context; owned here.
  int fd() const { return epoll_.get(); }

 private:
  Fd epoll_;
  std::array<epoll_event, kBatch> batch_;
  std::size_t next_ = 0;  // where in the batch a spent budget has stopped
};

}  // namespace usher::net
