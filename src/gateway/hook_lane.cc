#include "gateway/hook_lane.h"

#include <algorithm>
#include <utility>

namespace usher::gateway {

bool HookRoom::reserve(std::size_t bytes) {
  if (requests_.fetch_add(1, std::memory_order_relaxed) >= requests_max_) {
    requests_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  if (bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes > bytes_max_) {
    release(bytes);
    return false;
  }
  return true;
}

void HookRoom::release(std::size_t bytes) {
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  requests_.fetch_sub(1, std::memory_order_relaxed);
}

std::optional<HookRequest> HookLane::next(TimePoint now) {
  if (running_ >= options_.running_max) return std::nullopt;
  std::optional<HookRequest> request;
  if (!retries_.empty() && retries_.begin()->first <= now) {
    request = std::move(retries_.extract(retries_.begin()).mapped());
  } else if (!waiting_.empty()) {
    request = std::move(waiting_.front());
    waiting_.pop_front();
  } else {
    return std::nullopt;
  }
  ++running_;
  ++request->attempts;
  return request;
}

// All have the same timeout, so the first is the first to be late; those that nobody waits for
// stand between them, and are passed over once.
std::vector<HookRequest> HookLane::take_late(TimePoint now) {
  std::vector<HookRequest> late;
  const auto is_late = [&](const HookRequest& request) {
    return request.done && request.deadline <= now;
  };
  if (std::none_of(waiting_.begin(), waiting_.end(), is_late)) return late;
  std::deque<HookRequest> rest;
  for (HookRequest& request : waiting_) {
    if (is_late(request)) {
      late.push_back(std::move(request));
    } else {
      rest.push_back(std::move(request));
    }
  }
  waiting_.swap(rest);
  return late;
}

std::optional<HookRequest> HookLane::try_again(HookRequest request, TimePoint now, double r) {
  if (!retrying_ || request.attempts >= options_.attempts_max) return request;
  const auto doublings = std::min<std::uint32_t>(request.attempts - 1, 20);
  const Duration delay =
      std::min(options_.backoff_max, options_.backoff_first * (std::int64_t{1} << doublings));
  // Between a half and all of it, so that a backend that comes back is not met by everybody.
  const auto share = std::chrono::duration_cast<Duration>(delay * (0.5 + 0.5 * r));
  retries_.emplace(now + share, std::move(request));
  return std::nullopt;
}

std::optional<TimePoint> HookLane::wake_at() const {
  std::optional<TimePoint> at;
  const auto consider = [&](TimePoint candidate) {
    at = at ? std::min(*at, candidate) : candidate;
  };
  const bool can_start = running_ < options_.running_max;
  if (can_start && !retries_.empty()) consider(retries_.begin()->first);
  for (const HookRequest& request : waiting_) {
    if (!request.done) continue;
    consider(request.deadline);
    break;
  }
  return at;
}

std::vector<HookRequest> HookLane::stop_retrying() {
  retrying_ = false;
  std::vector<HookRequest> given_up;
  for (auto& [at, request] : retries_) given_up.push_back(std::move(request));
  retries_.clear();
  return given_up;
}

}  // namespace usher::gateway
