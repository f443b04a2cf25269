#include "net/mailbox.h"

#include <sys/eventfd.h>

#include "base/check.h"

namespace usher::net {

Mailbox::Mailbox(Poller& poller) : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  USHER_CHECK(event_);
  USHER_CHECK(poller.add(event_.get(), EPOLLIN, *this));
}

void Mailbox::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
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
}

}  // namespace usher::net
