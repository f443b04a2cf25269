// The threads of a run: each has a loop, a ticket desk and numbers of its own, and its share of the
// clients.
//
// A run goes in phases. All threads do the same phase at the same time, each on its own share. A
// thread that is done keeps turning its loop (it answers pings and takes messages) until all are
// done. Between two phases nothing runs, so the threads' results can be read and merged without a
// lock. The first thread is the caller's: a run of one thread starts none and locks nothing.
//
// Threads: the caller's; post() from any of the run's.  Borrows: the clock, the target.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bench/load/client.h"

namespace usher::bench {

inline constexpr std::size_t kThreadsMax = 64;

class LoadThreads {
 public:
  // `count`: 1 to kThreadsMax. `ticket_lines`: the lines of all desks together.
  LoadThreads(const Clock& clock, const Target& target, std::size_t count,
              std::size_t ticket_lines);
  ~LoadThreads();
  LoadThreads(const LoadThreads&) = delete;
  LoadThreads& operator=(const LoadThreads&) = delete;

  std::size_t size() const { return threads_.size(); }
  const Target& target() const { return target_; }

  // Returns the `i`th thread's setting. Requires: between phases, or on that thread.
  const Setting& operator[](std::size_t i) const;

  // Runs `phase(i)` on the `i`th thread, for each; returns when all have returned.
  void run(const std::function<void(std::size_t)>& phase);

  // Runs `task` on that thread during the phase. A task that is posted too late runs in the next
  // phase.
  void post(std::size_t to, std::function<void()> task);

  // Returns the CPU time that this process has used, divided by the number of its threads.
  Duration cpu_of_each() const;

  // See target.h. All loops turn meanwhile.
  std::optional<ProcessUsage> usage_at_rest();

 private:
  struct Thread;

  void one_has_finished();
  static void turn_until_released(Thread& thread);

  const Target& target_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::size_t unfinished_ = 0;  // the first thread's, during a phase
};

}  // namespace usher::bench
