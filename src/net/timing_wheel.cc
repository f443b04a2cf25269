#include "net/timing_wheel.h"

#include <algorithm>

namespace usher::net {

void TimingWheel::Timer::unlink() {
  if (next_ == nullptr) return;
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = previous_ = nullptr;
}

TimingWheel::TimingWheel(TimePoint now) : start_(now) {
  due_.next_ = due_.previous_ = &due_;
  for (Slot& slot : slots_) slot.next_ = slot.previous_ = &slot;
}

TimingWheel::~TimingWheel() {
  clear(due_);
  for (Slot& slot : slots_) clear(slot);
}

void TimingWheel::clear(Slot& slot) {
  while (slot.next_ != &slot) slot.next_->unlink();
  slot.next_ = slot.previous_ = nullptr;
}

std::uint64_t TimingWheel::tick_of(TimePoint time) const {
  return time <= start_ ? 0 : static_cast<std::uint64_t>((time - start_) / kTick);
}

void TimingWheel::link(Slot& slot, Timer& timer) {
  timer.previous_ = slot.previous_;
  timer.next_ = &slot;
  slot.previous_->next_ = &timer;
  slot.previous_ = &timer;
}

void TimingWheel::arm(Timer& timer, TimePoint deadline) {
  const std::uint64_t tick = std::max(tick_of(deadline + kTick - Duration(1)), current_ + 1);
  if (timer.armed() && timer.tick_ == tick) return;
  timer.unlink();
  timer.tick_ = tick;
  link(slots_[tick % kSlots], timer);
}

void TimingWheel::cancel(Timer& timer) { timer.unlink(); }

void TimingWheel::collect_due(Slot& slot, std::uint64_t target) {
  for (Timer* timer = slot.next_; timer != &slot;) {
    Timer* const following = timer->next_;
    if (timer->tick_ <= target) {
      timer->unlink();
      link(due_, *timer);
    }
    timer = following;
  }
}

void TimingWheel::collect_due(TimePoint now) {
  const std::uint64_t target = tick_of(now);
  if (target <= current_) return;
  // One turn of the wheel visits every slot; after a longer pause, further turns would find nothing
  // new.
  const std::uint64_t first = std::max(current_ + 1, target < kSlots ? 0 : target - kSlots + 1);
  current_ = target;
  for (std::uint64_t tick = first; tick <= target; ++tick)
    collect_due(slots_[tick % kSlots], target);
}

bool TimingWheel::advance(TimePoint now, const TurnBudget& budget) {
  collect_due(now);
  while (due_.next_ != &due_) {
    Timer* const timer = due_.next_;
    timer->unlink();
    timer->on_deadline(now);
    if (due_.next_ != &due_ && budget.is_spent()) return false;
  }
  return true;
}

std::optional<TimePoint> TimingWheel::next() const {
  if (due_.next_ != &due_) return start_ + kTick * static_cast<Duration::rep>(current_);
  for (std::uint64_t tick = current_ + 1; tick <= current_ + kSlots; ++tick) {
    const Slot& slot = slots_[tick % kSlots];
    if (slot.next_ != &slot) return start_ + kTick * static_cast<Duration::rep>(tick);
  }
  return std::nullopt;
}

}  // namespace usher::net
