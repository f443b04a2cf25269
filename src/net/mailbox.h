// How other threads hand work to a shard: a batch at a time, woken by one eventfd.
//
// Takes everything, because most of it must not be lost (who has left, what was accepted); but says
// when it holds so much that nothing new should be begun (congestion.h).
//
// Threads: post() from any; the rest belongs to the shard's thread.  Limits: kBehindAt tasks;
// beyond it come only what one read of each shard brings, and answers to what is here already.
#pragma once

#include <mutex>
#include <vector>

#include "base/unique_function.h"
#include "net/congestion.h"
#include "net/fd.h"
#include "net/poller.h"

namespace usher::net {

class Mailbox final : public Pollable {
 public:
  using Task = UniqueFunction<void()>;

  static constexpr std::size_t kBehindAt = 8192;

  // Borrows both.
  Mailbox(Poller& poller, Congestion& congestion, std::size_t behind_at = kBehindAt);
  ~Mailbox();

  // Runs `task` on the shard's thread, in the order of posting (per posting thread). Never blocks
  // on the receiver.
  void post(Task task);

  // Runs what has come. Tasks posted meanwhile by these tasks wait for the next batch.
  void run_batch();

 private:
  void on_events(std::uint32_t events) override;

  Congestion& congestion_;
  const std::size_t behind_at_;
  Fd event_;
  std::mutex mutex_;
  std::vector<Task> tasks_;    // guarded by mutex_
  bool is_behind_ = false;     // guarded by mutex_
  std::vector<Task> running_;  // kept for its capacity
};

}  // namespace usher::net
