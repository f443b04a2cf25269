#include "redis/link/health.h"

namespace usher::redis {

void Health::add() {
  const std::lock_guard lock(mutex_);
  ++links_;
}

void Health::remove(bool was_up) {
  const std::lock_guard lock(mutex_);
  --links_;
  if (was_up) --up_;
}

void Health::on_up(std::string_view address, std::string_view version) {
  const std::lock_guard lock(mutex_);
  if (++up_ != links_ || (said_up_ && !said_down_)) return;
  said_up_ = true;
  said_down_ = false;
  log_.info("redis_up", {{"link", what_}, {"address", address}, {"version", version}});
}

void Health::on_lost(std::string_view address, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  --up_;
  say_down(address, reason);
}

void Health::on_refused(std::string_view address, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  say_down(address, reason);
}

std::string Health::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

void Health::say_down(std::string_view address, std::string_view reason) {
  reason_ = reason;
  if (said_down_) return;
  said_down_ = true;
  log_.error("redis_down", {{"link", what_}, {"address", address}, {"reason", reason}});
}

}  // namespace usher::redis
