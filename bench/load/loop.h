// The load generator's loop: one epoll set, edge-triggered, and timers.
//
// It must cost much less than the server that it measures. So each socket costs one epoll_ctl in
// its life, all sockets share one receive buffer, and the writes of one turn may be held back until
// the turn's end, to be sent together.
//
// Threads: one.  Borrows: the clock, the watchers as long as their descriptors are open.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace usher::bench {

class Loop {
 public:
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void on_ready(std::uint32_t events) = 0;
  };

  explicit Loop(const Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Reports changes in both directions until the descriptor is closed. A watcher must outlive the
  // turn in which its descriptor is closed: hand it to bury().
  void watch(int fd, Watcher& watcher);
  void bury(std::unique_ptr<Watcher> watcher) { graves_.push_back(std::move(watcher)); }

  void at(TimePoint time, std::function<void()> task) { timers_.emplace(time, std::move(task)); }
  void at_end_of_turn(std::function<void()> task) { endings_.push_back(std::move(task)); }

  TimePoint now() const { return clock_.now(); }

  // Something that the run waits for has happened.
  void progress() { last_progress_ = now(); }

  // Turns until `done` returns true. Returns false after `patience` without progress.
  bool run(const std::function<bool()>& done, Duration patience);

  // Shared by all streams. Valid only during one read.
  std::span<char> receive_buffer() { return *buffer_; }

 private:
  static constexpr std::size_t kBatch = 512;
  static constexpr std::size_t kReceiveBytes = 256 * 1024;

  void wait(TimePoint until);
  void run_timers();
  void end_turn();

  const Clock& clock_;
  int epoll_;
  TimePoint last_progress_{};
  std::multimap<TimePoint, std::function<void()>> timers_;
  std::vector<std::function<void()>> endings_;
  std::vector<std::unique_ptr<Watcher>> graves_;
  std::unique_ptr<std::array<char, kReceiveBytes>> buffer_;
};

}  // namespace usher::bench
