// Which events epoll reports of one descriptor.
//
// A descriptor that has hung up is reported for ever, whatever events are asked for. When its last
// bytes cannot be read yet, it is told once: see note_hang_up().
//
// Threads: belongs to one shard.
#pragma once

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "net/poller.h"

namespace usher::net {

class Watch {
 public:
  // `events`: those with which the descriptor is in the set now.
  explicit Watch(std::uint32_t events = 0) : events_(static_cast<std::uint8_t>(events)) {}

  // Asks for EPOLLIN if `reads`, and for EPOLLOUT if `writes`.
  void set(Poller& poller, int fd, bool reads, bool writes, Pollable& pollable) {
    const auto wanted =
        static_cast<std::uint8_t>((reads ? EPOLLIN : 0u) | (writes ? EPOLLOUT : 0u));
    if (wanted == events_ || (wanted == 0 && events_ == kHungUp)) return;
    events_ = wanted;
    USHER_INVARIANT(poller.modify(fd, wanted, pollable));
  }

  // The descriptor has hung up, and is not read now: the hang-up is not reported again until set()
  // asks for an event. Returns false if that is known.
  bool note_hang_up(Poller& poller, int fd, Pollable& pollable) {
    if (std::exchange(events_, kHungUp) == kHungUp) return false;
    USHER_INVARIANT(poller.modify(fd, EPOLLET, pollable));
    return true;
  }

 private:
  static constexpr std::uint8_t kHungUp = 0xFF;

  std::uint8_t events_;
};

}  // namespace usher::net
