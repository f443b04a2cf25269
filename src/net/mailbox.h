// How other threads hand work to a shard. An eventfd wakes the shard, which takes a batch at a
// time.
//
// Takes every task, because most must not be lost (a connection has ended, a publication was
// accepted). When it holds too many, it says so, and no new work begins (congestion.h).
//
// Threads: post() from any; the rest belongs to the shard's thread.  Borrows: poller, congestion,
// clock. Limits: kBehindAt tasks; beyond that come only the tasks of one read of each shard, and
// answers to earlier tasks. One budget for each run (turn_budget.h).
#pragma once

#include <exception>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/unique_function.h"
#include "net/congestion.h"
#include "net/fd.h"
#include "net/poller.h"

namespace usher::net {

class Mailbox final : public Pollable {
 public:
  using Task = UniqueFunction<void()>;
  using OnBroken = UniqueFunction<void(const std::exception&)>;

  static constexpr std::size_t kBehindAt = 8192;

  // Calls `on_broken` for a task that has thrown; the tasks behind it run all the same.
  Mailbox(Poller& poller, Congestion& congestion, const Clock& clock, OnBroken on_broken,
          std::size_t behind_at = kBehindAt);
  ~Mailbox();

  // Runs `task` on the shard's thread, in the order of posting (per posting thread). Never blocks
  // on the receiver.
  void post(Task task);

  // Runs the tasks that have come, until the budget of one turn is spent. The rest waits for the
  // next run, and so do the tasks that these tasks post, behind the rest.
  void run();

  // Returns whether tasks are left over from the last run. They do not wake the poller again: the
  // caller must call run().
  bool has_left_over() const { return next_ < running_.size(); }

 private:
  void on_events(std::uint32_t events) override;
  void take_batch();
  void run_one(Task task);

  Congestion& congestion_;
  const Clock& clock_;
  OnBroken on_broken_;
  const std::size_t behind_at_;
  Fd event_;
  std::mutex mutex_;
  std::vector<Task> tasks_;    // guarded by mutex_
  std::size_t left_over_ = 0;  // guarded by mutex_: of running_
  bool is_behind_ = false;     // guarded by mutex_
  std::vector<Task> running_;  // from next_ on: still to run
  std::size_t next_ = 0;
};

}  // namespace usher::net
