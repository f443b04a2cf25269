// The deadlines of all connections of a shard, without an Asio timer for each.
//
// A hashed wheel: a deadline goes into the slot of its tick, as a link in an intrusive list.
// Arming, moving and cancelling are O(1); a deadline further away than one turn stays in its slot
// and is passed over until its turn. Deadlines are rounded up to a tick: late by at most kTick,
// never early.
//
// Threads: belongs to one shard's thread. Knows no clock: time is an argument.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "net/turn_budget.h"

namespace usher::net {

class TimingWheel {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(10);

  // Derive from it to have a deadline. Cancels itself when destroyed. Belongs to at most one wheel.
  class Timer {
   public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    virtual ~Timer() { unlink(); }

    virtual void on_deadline(TimePoint now) = 0;
    bool armed() const { return next_ != nullptr; }

   private:
    friend class TimingWheel;
    void unlink();

    Timer* next_ = nullptr;
    Timer* previous_ = nullptr;
    std::uint64_t tick_ = 0;
  };

  explicit TimingWheel(TimePoint now);
  ~TimingWheel();

  // Sets or moves the one deadline of `timer`. The timer must not move in memory while it is armed.
  void arm(Timer& timer, TimePoint deadline);
  void cancel(Timer& timer);

  // Calls on_deadline() of the timers that are due, until the budget is spent; the rest comes first
  // in the next call. on_deadline() may arm, cancel and destroy any timer. Returns false if some
  // are left over.
  bool advance(TimePoint now, const TurnBudget& budget);

  // Returns when advance() is needed next; `nullopt` while no timer is armed. It may be earlier
  // than the first deadline.
  std::optional<TimePoint> next() const;

 private:
  static constexpr std::size_t kSlots = 4096;

  struct Slot final : Timer {
    void on_deadline(TimePoint) override {}
  };

  std::uint64_t tick_of(TimePoint time) const;
  void collect_due(TimePoint now);
  void collect_due(Slot& slot, std::uint64_t target);
  static void clear(Slot& slot);
  static void link(Slot& slot, Timer& timer);

  TimePoint start_;
  std::uint64_t current_ = 0;  // the last tick whose timers are due or have been called
  Slot due_;
  std::array<Slot, kSlots> slots_;
};

}  // namespace usher::net
