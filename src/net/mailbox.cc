#include "net/mailbox.h"

#include <sys/eventfd.h>

#include "base/check.h"

namespace usher::net {

Mailbox::Mailbox(Poller& poller, Congestion& congestion, std::size_t behind_at)
    : congestion_(congestion),
      behind_at_(behind_at),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  USHER_CHECK(event_);
  USHER_CHECK(poller.add(event_.get(), EPOLLIN, *this));
}

Mailbox::~Mailbox() {
  if (is_behind_) congestion_.leave();
}

void Mailbox::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
    if (!is_behind_ && tasks_.size() >= behind_at_) {
      is_behind_ = true;
      congestion_.enter();
    }
  }
  if (first) {
    const std::uint64_t one = 1;
    USHER_CHECK(::write(event_.get(), &one, sizeof one) == sizeof one);
  }
}

void Mailbox::on_events(std::uint32_t) {
  std::uint64_t count = 0;
  if (::read(event_.get(), &count, sizeof count) == sizeof count) run_batch();
}

void Mailbox::run_batch() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(tasks_);
  }
  for (Task& task : running_) task();
  running_.clear();
  // Half of it must be gone before others may go on, so that they do not go on by one task each.
  const std::lock_guard lock(mutex_);
  if (is_behind_ && tasks_.size() <= behind_at_ / 2) {
    is_behind_ = false;
    congestion_.leave();
  }
}

}  // namespace usher::net
