// Runs the reloads that SIGHUP asks for on a thread of its own, one at a time. A reload reads
// files, and a disk that hangs must not hold up the next signal or a client.
//
// If a reload is asked for while one is under way, one more runs afterwards.
//
// Threads: ask(), is_busy() and the destructor from the owner's thread; `load` and the function
// that it returns run on the thread of the Reloader.
// Owns: that thread, which outlives the Reloader if `load` does not return.
#pragma once

#include <functional>
#include <memory>

namespace usher::node {

class Reloader {
 public:
  // `load` may take forever, and must own or share all that it uses. The function that it returns
  // is called unless the Reloader is destroyed by then. That function must not take long, because
  // the destructor waits for it.
  using Load = std::function<std::function<void()>()>;

  explicit Reloader(Load load);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // Returns false if a reload is still under way; another one will follow it.
  bool ask();

  bool is_busy() const;

 private:
  struct State;
  static void run(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;  // shared with the thread
};

}  // namespace usher::node
