#include "redis/link/later.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

namespace usher::redis {

struct Later::State {
  State(boost::asio::io_context& io, std::function<void()> f) : timer(io), fire(std::move(f)) {}

  // A wait that was cancelled may have ended already. So only the latest number counts.
  void come(std::uint64_t arranged) {
    if (!is_armed || number != arranged) return;
    is_armed = false;
    fire();
  }

  boost::asio::steady_timer timer;
  std::function<void()> fire;
  std::uint64_t number = 0;
  bool is_armed = false;
};

Later::Later(boost::asio::io_context& io, std::function<void()> fire)
    : state_(std::make_shared<State>(io, std::move(fire))) {}

Later::~Later() { disarm(); }

void Later::arm(Duration after) {
  state_->is_armed = true;
  state_->timer.expires_after(after);
  state_->timer.async_wait([state = state_, number = ++state_->number](
                               const boost::system::error_code&) { state->come(number); });
}

void Later::after_this_turn() {
  state_->is_armed = true;
  boost::asio::post(state_->timer.get_executor(),
                    [state = state_, number = ++state_->number] { state->come(number); });
}

void Later::disarm() {
  if (!state_->is_armed) return;
  state_->is_armed = false;
  state_->timer.cancel();
}

bool Later::is_armed() const { return state_->is_armed; }

}  // namespace usher::redis
