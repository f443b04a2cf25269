// The time of the client's sessions: civil time when it began, then a clock that never goes back
// and goes on while the machine sleeps.
//
// Threads: any.
#pragma once

#include "base/system.h"
#include "client/protocol.h"

namespace usher::client_net {

class SessionClock {
 public:
  SessionClock()
      : started_at_(clock_.now()), started_as_(SystemWallClock().now().time_since_epoch()) {}

  client::Instant now() const {
    return started_as_ + std::chrono::floor<client::Millis>(clock_.now() - started_at_);
  }

  // Returns the same moment as a time of SystemClock, as a BootTimer takes it.
  TimePoint to_boot_time(client::Instant instant) const {
    return started_at_ + (instant - started_as_);
  }

 private:
  SystemClock clock_;
  TimePoint started_at_;
  client::Instant started_as_;
};

}  // namespace usher::client_net
