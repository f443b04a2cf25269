#include "apps/raw/readiness.h"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

namespace usher::apps {

namespace asio = boost::asio;
using boost::system::error_code;

// An epoll set of one descriptor is itself a descriptor that becomes readable, and it is ours.
struct Readiness::State {
  State(asio::io_context& its_loop) : loop(its_loop), set(its_loop) {}

  asio::io_context& loop;
  asio::posix::stream_descriptor set;
  bool always = false;  // a file, for which there is no waiting
  std::function<void()> ready;

  void call() {
    if (const auto then = std::exchange(ready, nullptr)) then();
  }
};

Readiness::Readiness(asio::io_context& loop, int descriptor, Direction direction)
    : state_(std::make_shared<State>(loop)) {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
  state_->set.assign(set);
  epoll_event event{};
  event.events = direction == Direction::read ? EPOLLIN : EPOLLOUT;
  if (epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0) return;
  state_->always = true;  // EPERM: a file. Anything else shows when it is read or written.
}

Readiness::~Readiness() { cancel(); }

void Readiness::wait(std::function<void()> ready) {
  state_->ready = std::move(ready);
  if (state_->always) return asio::post(state_->loop, [state = state_] { state->call(); });
  state_->set.async_wait(asio::posix::stream_descriptor::wait_read,
                         [state = state_](const error_code& error) {
                           if (!error) state->call();
                         });
}

void Readiness::cancel() {
  state_->ready = nullptr;
  state_->set.cancel();
}

}  // namespace usher::apps
