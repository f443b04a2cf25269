// The strand on which all work of one client runs: one piece at a time, however many threads run
// the executor behind it.
//
// Threads: every function may be called from any thread.
#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class any_io_executor;
}

namespace usher::client_net {

class Loop {
 public:
  explicit Loop(const boost::asio::any_io_executor& executor);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The executor for I/O objects, so that their handlers run on the strand.
  const boost::asio::any_io_executor& executor() const;

  // Runs `work` later, never inline.
  void post(std::function<void()> work);

  // Whether the caller runs on the strand.
  bool is_current() const;

 private:
  struct Strand;
  std::unique_ptr<Strand> strand_;
};

}  // namespace usher::client_net
