#include "net/mailbox.h"

#include <sys/eventfd.h>

#include <utility>

#include "base/check.h"
#include "net/turn_budget.h"

namespace usher::net {

Mailbox::Mailbox(Poller& poller, Congestion& congestion, const Clock& clock, OnBroken on_broken,
                 std::size_t behind_at)
    : congestion_(congestion),
      clock_(clock),
      on_broken_(std::move(on_broken)),
      behind_at_(behind_at),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  USHER_CHECK(event_);
  USHER_CHECK(poller.add(event_.get(), EPOLLIN, *this));
}

Mailbox::~Mailbox() {
  if (is_behind_) congestion_.remove_shard_behind();
}

void Mailbox::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
    if (!is_behind_ && tasks_.size() + left_over_ >= behind_at_) {
      is_behind_ = true;
      congestion_.add_shard_behind();
    }
  }
  if (first) {
    const std::uint64_t one = 1;
    USHER_CHECK(::write(event_.get(), &one, sizeof one) == sizeof one);
  }
}

void Mailbox::on_events(std::uint32_t) { run(); }

void Mailbox::run() {
  const TurnBudget budget(clock_);
  if (!has_left_over()) take_batch();
  while (has_left_over()) {
    run_one(std::move(running_[next_++]));
    if (budget.is_spent()) break;
  }
  // Half of the tasks must be done before others may continue. Otherwise they would continue by one
  // task each.
  const std::lock_guard lock(mutex_);
  left_over_ = running_.size() - next_;
  if (is_behind_ && tasks_.size() + left_over_ <= behind_at_ / 2) {
    is_behind_ = false;
    congestion_.remove_shard_behind();
  }
}

// The event is reset only here, before its tasks are taken. Until then epoll reports it again, so
// no task is missed.
void Mailbox::take_batch() {
  std::uint64_t count = 0;
  static_cast<void>(::read(event_.get(), &count, sizeof count));
  running_.clear();
  next_ = 0;
  const std::lock_guard lock(mutex_);
  running_.swap(tasks_);
  left_over_ = running_.size();
}

void Mailbox::run_one(Task task) {
  try {
    task();
  } catch (const std::exception& broken) {
    on_broken_(broken);
  }
}

}  // namespace usher::net
