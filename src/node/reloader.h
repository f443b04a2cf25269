// Runs what SIGHUP asks for on a thread of its own, one at a time: it reads files, and a disk that
// hangs must hold up neither a signal that follows nor a client.
//
// Asked while one is under way, it runs once more afterwards.
//
// Threads: ask(), is_busy() and the destructor from the owner's thread; `load` and what it returns
// run on the thread of the Reloader. Owns: that thread, which outlives it should `load` not return.
#pragma once

#include <functional>
#include <memory>

namespace usher::node {

class Reloader {
 public:
  // `load` may take for ever, and must own or share what it uses. What it returns is called unless
  // the Reloader is gone by then, and must not take long: the destructor waits for it.
  using Load = std::function<std::function<void()>()>;

  explicit Reloader(Load load);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // False: one is under way still, and will be followed by another.
  bool ask();

  bool is_busy() const;

 private:
  struct State;
  static void run(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;  // shared with the thread
};

}  // namespace usher::node
