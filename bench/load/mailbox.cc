#include "bench/load/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"

namespace usher::bench {

Mailbox::Mailbox(Loop& loop) : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  USHER_CHECK(wake_ >= 0);
  loop.watch(wake_, *this);
}

Mailbox::~Mailbox() { close(wake_); }

// Whoever finds it empty wakes the loop; the others' tasks are taken along.
void Mailbox::post(std::function<void()> task) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (was_empty) USHER_CHECK(eventfd_write(wake_, 1) == 0);
}

void Mailbox::on_ready(std::uint32_t) {
  eventfd_t count = 0;
  eventfd_read(wake_, &count);  // before the tasks are taken: who posts after that wakes anew
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

}  // namespace usher::bench
