// Where a public class runs: on the application's executor, or on a thread of its own.
//
// Threads: belongs to its owner. Owns: the thread.
#pragma once

#include <memory>

namespace boost::asio {
class any_io_executor;
}

namespace usher::client_net {

class OwnThread {
 public:
  // Without an `executor` there will be a thread of its own.
  explicit OwnThread(const boost::asio::any_io_executor* executor);

  // Waits until the thread has finished what is under way. Inside a callback of that thread it does
  // not wait: the thread finishes by itself, and ends.
  ~OwnThread();
  OwnThread(const OwnThread&) = delete;
  OwnThread& operator=(const OwnThread&) = delete;

  const boost::asio::any_io_executor& executor() const;

  // Starts the thread, if it is to have one. Throws std::system_error if the system has none left.
  void start();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::client_net
