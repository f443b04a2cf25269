// How many commands a session may still give: in this turn of the loop, and without counting
// against its rate.
//
// Threads: its session's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "limits/token_bucket.h"

namespace usher::session {

// The limit that a command counts against.
enum class Price : std::uint8_t {
  rate,       // the connection's rate of commands
  answer,     // free as the answer to a ping that is out, else the rate
  subscribe,  // the free subscriptions, then the rate
};

class CommandAllowance {
 public:
  static constexpr std::uint8_t kPerTurn = 64;

  // The caller must call this when a turn of the loop begins.
  void renew() { left_ = kPerTurn; }
  bool is_used_up() const { return left_ == 0; }
  // Requires: the allowance is not used up.
  void use() { --left_; }

  // A client that comes back wants all its subscriptions at once: as many as a connection may have
  // are free.
  void set_free_subscriptions(std::size_t count) {
    free_subscriptions_ = static_cast<std::uint16_t>(std::min<std::size_t>(count, UINT16_MAX));
  }

  // Returns whether the rate allows the command. `awaits_answer`: a ping is out.
  bool take(Price price, bool awaits_answer, limits::RateLimit limit, limits::TokenBucket& bucket,
            TimePoint now) {
    if (price == Price::answer && awaits_answer) return true;
    if (limit.unlimited()) return true;
    if (price == Price::subscribe && free_subscriptions_ > 0) {
      --free_subscriptions_;
      return true;
    }
    return static_cast<bool>(bucket.take(limit, now));
  }

 private:
  std::uint16_t free_subscriptions_ = 0;
  std::uint8_t left_ = kPerTurn;
};

}  // namespace usher::session
