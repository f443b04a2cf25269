// One call on the loop, later: after some time, or when the current turn is over.
//
// Threads: the loop's. Owns: its timer and `fire`. Borrows: the io_context.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"

namespace boost::asio {
class io_context;
}

namespace usher::redis {

class Later {
 public:
  Later(boost::asio::io_context& io, std::function<void()> fire);
  ~Later();  // `fire` is not called any more
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;

  // Each call replaces the one before. `fire` is never called inline.
  void arm(Duration after);
  void after_this_turn();
  void disarm();
  bool is_armed() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace usher::redis
