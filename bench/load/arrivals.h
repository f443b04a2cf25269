// Which messages of a fan-out have arrived. A message has arrived when every subscriber of every
// thread has it. Each thread reports a message once, when it has reached all of the thread's
// subscribers.
//
// Threads: the publisher's.
#pragma once

#include <cstdint>
#include <vector>

namespace usher::bench {

class Arrivals {
 public:
  Arrivals(std::size_t messages, std::size_t threads)
      : threads_left_(messages, static_cast<std::uint8_t>(threads)) {}

  // Records that the message has reached all subscribers of one more thread. Returns true if that
  // was the last thread, so the message has arrived.
  bool reached(std::size_t number) {
    if (threads_left_[number] == 0 || --threads_left_[number] != 0) return false;
    ++arrived_;
    return true;
  }

  bool all_have() const { return arrived_ == threads_left_.size(); }

 private:
  std::vector<std::uint8_t> threads_left_;  // by message
  std::size_t arrived_ = 0;
};

}  // namespace usher::bench
