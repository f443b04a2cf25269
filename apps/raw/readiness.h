// Waits on a loop until a descriptor that is not ours, such as standard output, can be read or
// written, and leaves its flags alone.
//
// A terminal's, pipe's or file's O_NONBLOCK belongs to all processes that share it, and to standard
// error, too, if that is the same terminal. So it must not be set, as Asio does for its own
// descriptors. A read, or a write of at most kWriteBytesMax, does not block once the descriptor is
// ready.
//
// Threads: belongs to its loop. Borrows: the descriptor.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace usher::apps {

enum class Direction { read, write };

class Readiness {
 public:
  // PIPE_BUF: a pipe that is writable has room for so much.
  static constexpr std::size_t kWriteBytesMax = 4096;

  // Throws std::system_error if the system is out of descriptors.
  Readiness(boost::asio::io_context& loop, int descriptor, Direction direction);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // Calls `ready` once, never inline, when the descriptor is ready, its other end is gone, or it
  // has failed. A file is always ready. Requires that no other wait is under way.
  void wait(std::function<void()> ready);

  // The wait under way ends without a call.
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace usher::apps
