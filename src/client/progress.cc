#include "client/progress.h"

#include <utility>

namespace usher::client {

void Progress::announce(std::uint32_t failures, Output& out) {
  announced_ = stage_;
  announced_due_.reset();
  out.stages.push_back({stage_, failures, {}, std::exchange(cause_, std::nullopt)});
}

void Progress::announce_rest(std::uint32_t failures, std::optional<Instant> due, Instant now,
                             Output& out) {
  if (stage_ != Stage::idle && stage_ != Stage::waiting) return;
  if (stage_ == announced_ && due == announced_due_) return;
  announce(failures, out);
  announced_due_ = due;
  if (due) out.stages.back().delay = *due - now;
}

}  // namespace usher::client
