// The epoll set of one shard: its listening sockets, its accepted sockets and its mailbox.
//
// Accepted sockets are outside Asio: a descriptor in this set has no state but its owner's. The set
// itself is one descriptor in the shard's io_context (epoll sets nest). It is level-triggered.
// Closing a descriptor removes it, so there is no call for that.
//
// Threads: belongs to one shard's thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>

#include "net/fd.h"
#include "net/turn_budget.h"

namespace usher::net {

// An object with a descriptor in the set. It must outlive the batch in which it closes its
// descriptor: see ConnectionOwner::retire().
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

  // `pollable` gets the events of `fd` until the descriptor is closed. Returns false when the
  // kernel refuses (out of memory, or over /proc/sys/fs/epoll/max_user_watches).
  bool add(int fd, std::uint32_t events, Pollable& pollable);
  // Replaces the events of `fd`, and the object that gets them. Returns false when the kernel refuses;
  // it has no reason to.
  bool modify(int fd, std::uint32_t events, Pollable& pollable);

  struct Handled {
    std::size_t count = 0;
    bool may_be_more = false;
  };
  // Takes at most kBatch events that are ready now, without waiting, and hands them out until the
  // budget is spent. The kernel reports the rest again, in the same order: the next call begins
  // with it.
  Handled handle_ready(const TurnBudget& budget);

  static constexpr std::size_t kBatch = 256;

  // Readable when any event is ready. For the io_context; owned here.
  int fd() const { return epoll_.get(); }

 private:
  Fd epoll_;
  std::array<epoll_event, kBatch> batch_;
  std::size_t next_ = 0;  // where in the batch a spent budget has stopped
};

}  // namespace usher::net
