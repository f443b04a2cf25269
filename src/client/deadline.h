// The moment at which a client acts if nothing comes before: a wait, a step or a silent connection
// ends.
//
// For a page or machine that was suspended, every deadline is over at waking, while answers that
// have arrived meanwhile are still unread. So a deadline that is noticed too late is moved once.
//
// Threads: none of its own; belongs to its ClientSession.
#pragma once

#include <algorithm>
#include <optional>

#include "client/protocol.h"

namespace usher::client {

// Nullopt: never.
inline std::optional<Instant> earlier(std::optional<Instant> one, std::optional<Instant> other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

class Deadline {
 public:
  // Nullopt: never.
  std::optional<Instant> due() const { return due_; }

  void set(std::optional<Instant> due) {
    due_ = due;
    moved_ = false;
  }
  void clear() { set(std::nullopt); }

  bool is_over(Instant now) const { return due_ && *due_ <= now; }

  // Requires is_over(now). Moves the deadline by kLateMax from `now` if it has been over for
  // longer, and was not moved before. Returns whether it did.
  bool move_if_late(Instant now) {
    if (moved_ || now - *due_ <= kLateMax) return false;
    due_ = now + kLateMax;
    moved_ = true;
    return true;
  }

 private:
  static constexpr Millis kLateMax = std::chrono::seconds(1);

  std::optional<Instant> due_;
  bool moved_ = false;
};

}  // namespace usher::client
