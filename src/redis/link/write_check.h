// Whether Redis takes writes, judged once a second by the answer to the node's sign of life. A
// Redis that answers everything and refuses every write (NOREPLICAS, OOM, MISCONF, NOPERM, …) is
// up, and still of no use.
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
  // A missing answer changes nothing: the link is down then, and reports that itself.
  void on_answer(const Result<Reply, LinkError>& reply) {
    if (!reply) return;
    const std::lock_guard lock(mutex_);
    refusal_ = reply->is_error() ? reply->text.substr(0, kSaidMax) : std::string();
  }

  // Returns Redis' own message, or an empty string if it takes writes.
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
