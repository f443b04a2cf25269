// How other threads hand work to a shard: a batch at a time, woken by one eventfd.
//
// Threads: post() from any; the rest belongs to the shard's thread.
#pragma once

#include <mutex>
#include <vector>

#include "base/unique_function.h"
#include "net/fd.h"
#include "net/poller.h"

namespace usher::net {

class Mailbox final : public Pollable {
 public:
  using Task = UniqueFunction<void()>;

  // Borrows `poller`.
  explicit Mailbox(Poller& poller);

  // Runs `task` on the shard's thread, in the order of posting (per posting thread). Never blocks
  // on the receiver.
  void post(Task task);

  // Runs what has come. Tasks posted meanwhile by these tasks wait for the next batch.
  void run_batch();

 private:
  void on_events(std::uint32_t events) override;

  Fd event_;
  std::mutex mutex_;
  std::vector<Task> tasks_;    // guarded by mutex_
  std::vector<Task> running_;  // kept for its capacity
};

}  // namespace usher::net
