#include "apps/raw/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace usher::apps {

Output::Output(boost::asio::io_context& loop, int descriptor, OutputEvents events)
    : descriptor_(descriptor),
      events_(std::move(events)),
      writable_(loop, descriptor, Direction::write) {}

void Output::write(std::string bytes) {
  if (abandoned_ || bytes.empty()) return;
  waiting_bytes_ += bytes.size();
  queue_.push_back(std::move(bytes));
  if (queue_.size() == 1) wait();
}

void Output::abandon() {
  abandoned_ = true;
  queue_.clear();
  waiting_bytes_ = 0;
  writable_.cancel();
}

void Output::wait() {
  writable_.wait([this] { write_next(); });
}

void Output::write_next() {
  const std::string& first = queue_.front();
  const std::size_t size = std::min(first.size() - written_, Readiness::kWriteBytesMax);
  const ssize_t done = ::write(descriptor_, first.data() + written_, size);
  if (done < 0) {
    if (errno == EINTR || errno == EAGAIN) return wait();
    abandon();
    return events_.on_failed();
  }
  written_ += static_cast<std::size_t>(done);
  waiting_bytes_ -= static_cast<std::size_t>(done);
  if (written_ == first.size()) {
    queue_.pop_front();
    written_ = 0;
  }
  if (!queue_.empty()) return wait();
  events_.on_drained();
}

}  // namespace usher::apps
