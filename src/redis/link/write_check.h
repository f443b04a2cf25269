// Whether Redis takes writes, as the answer to a sign of life says, once a second: a Redis that
// answers everything and refuses every write (NOREPLICAS, OOM, MISCONF, NOPERM, …) is up, and yet
// nothing can be done with it.
//
// Threads: on_answer(): one; refusal(): any.
#pragma once

#include <mutex>
#include <string>

#include "base/result.h"
#include "redis/link/commands.h"

namespace usher::redis {

class WriteCheck {
 public:
  // No answer says nothing: the link is down, and says so itself.
  void on_answer(const Result<Reply, LinkError>& reply) {
    if (!reply) return;
    const std::lock_guard lock(mutex_);
    refusal_ = reply->is_error() ? reply->text.substr(0, kSaidMax) : std::string();
  }

  // Redis' own words; empty: none.
  std::string refusal() const {
    const std::lock_guard lock(mutex_);
    return refusal_;
  }

 private:
  static constexpr std::size_t kSaidMax = 200;

  mutable std::mutex mutex_;
  std::string refusal_;
};

}  // namespace usher::redis
