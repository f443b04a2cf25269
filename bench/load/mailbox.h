// Tasks that other threads hand to a loop.
//
// Threads: post() from any; the tasks run on the loop's, in order.  Borrows: the loop.  Limits:
// none of its own. The threads of a run post once for all messages of a turn.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "bench/load/loop.h"

namespace usher::bench {

class Mailbox final : private Loop::Watcher {
 public:
  explicit Mailbox(Loop& loop);
  ~Mailbox() override;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void post(std::function<void()> task);

 private:
  void on_ready(std::uint32_t events) override;

  const int wake_;  // an eventfd
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
};

}  // namespace usher::bench
