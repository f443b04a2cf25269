// Standard output, whose reader may be slow. Bytes that it does not take at once wait in a queue, so
// that no write blocks the loop.
//
// Threads: belongs to its loop. Borrows: the descriptor.
// Limits: none of its own; the caller must stop when waiting_bytes() is too large, and may go on
// after on_drained.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>

#include "apps/raw/readiness.h"

namespace usher::apps {

struct OutputEvents {
  std::function<void()> on_drained;  // the queue is empty
  std::function<void()> on_failed;   // the reader is gone; the queue has been dropped
};

class Output {
 public:
  // Throws std::system_error if the system is out of descriptors.
  Output(boost::asio::io_context& loop, int descriptor, OutputEvents events);

  void write(std::string bytes);

  std::size_t waiting_bytes() const { return waiting_bytes_; }

  // Drops what waits; later writes, too.
  void abandon();

 private:
  void wait();
  void write_next();

  const int descriptor_;
  const OutputEvents events_;
  Readiness writable_;
  std::deque<std::string> queue_;
  std::size_t written_ = 0;  // bytes of the first in the queue
  std::size_t waiting_bytes_ = 0;
  bool abandoned_ = false;
};

}  // namespace usher::apps
