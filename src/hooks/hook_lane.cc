#include "hooks/hook_lane.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace usher::hooks {

bool HookRoom::reserve(const std::string& session, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (all_.requests >= requests_max_ || all_.bytes + bytes > bytes_max_) return false;
  const auto found = by_session_.find(session);
  if (found != by_session_.end() && !has_share(found->second, bytes)) return false;
  Held& held = found != by_session_.end() ? found->second : by_session_[session];
  for (Held* each : {&all_, &held}) {
    ++each->requests;
    each->bytes += bytes;
  }
  return true;
}

// Whether a session that holds something may have one more.
bool HookRoom::has_share(const Held& held, std::size_t bytes) const {
  constexpr std::size_t kParts = 8;
  if (per_session_max_ == 0) return true;
  const bool is_crowded = all_.requests > requests_max_ / 2;
  const std::size_t requests_max =
      is_crowded ? std::min(per_session_max_, kSessionRequestsCrowded) : per_session_max_;
  return held.requests < requests_max && held.bytes + bytes <= bytes_max_ / kParts;
}

void HookRoom::release(const std::string& session, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = by_session_.find(session);
  USHER_CHECK(found != by_session_.end() && found->second.requests > 0);
  for (Held* each : {&all_, &found->second}) {
    --each->requests;
    each->bytes -= bytes;
  }
  if (found->second.requests == 0) by_session_.erase(found);
}

std::size_t HookRoom::requests() const {
  const std::lock_guard lock(mutex_);
  return all_.requests;
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
    return request.expects_answer() && request.deadline <= now;
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
    if (!request.expects_answer()) continue;
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

}  // namespace usher::hooks
