// The requests to one hook: which run, which wait, which are tried again, and which have waited
// too long.
//
//     reserve ──add──▶ waiting ──next──▶ running ──▶ ended
//                         ▲                 │
//                         └── try_again ◀───┘  (notifications)
//
// Room is taken by whoever wants to ask, before anything crosses to the lane's thread, so what is
// on the way counts too.
//
// Threads: HookRoom may be shared; a HookLane belongs to one thread.  Limits: HookLaneOptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "hooks/hook_message.h"

namespace usher::hooks {

struct HookLaneOptions {
  std::size_t running_max = 64;      // connections to the hook
  std::size_t waiting_max = 1024;    // besides those
  std::size_t bytes_max = 64 << 20;  // of all requests that wait or run
  std::size_t per_session_max = 0;   // of one session's that wait or run; 0: no limit
  Duration timeout = std::chrono::seconds(5);
  std::uint32_t attempts_max = 5;  // of a notification
  Duration backoff_first = std::chrono::milliseconds(500);
  Duration backoff_max = std::chrono::seconds(30);
};

// What waits and runs, counted where it comes from; with a share for each session, so that none can
// fill the room for all: per_session_max requests, kSessionRequestsCrowded of them while more than
// half of the room is taken, and an eighth of the bytes (but always one request).
class HookRoom {
 public:
  static constexpr std::size_t kSessionRequestsCrowded = 8;

  explicit HookRoom(const HookLaneOptions& options)
      : requests_max_(options.running_max + options.waiting_max),
        bytes_max_(options.bytes_max),
        per_session_max_(options.per_session_max) {}

  // False: there is no room, or the session has its share.
  bool reserve(const std::string& session, std::size_t bytes);
  void release(const std::string& session, std::size_t bytes);

  std::size_t requests() const;

 private:
  struct Held {
    std::size_t requests = 0;
    std::size_t bytes = 0;
  };

  bool has_share(const Held& held, std::size_t bytes) const;

  const std::size_t requests_max_;
  const std::size_t bytes_max_;
  const std::size_t per_session_max_;
  mutable std::mutex mutex_;
  Held all_;
  std::unordered_map<std::string, Held> by_session_;  // only those that hold something
};

struct HookRequest {
  session::HookEvent::Kind kind{};
  HookMessage message;
  std::string session;
  std::size_t bytes = 0;                           // reserved for `session`
  UniqueFunction<void(session::HookAnswer)> done;  // empty: a notification, or a `send`
  std::uint32_t attempts = 0;
  TimePoint deadline;  // of what somebody waits for: asked at `deadline - timeout`
};

class HookLane {
 public:
  explicit HookLane(HookLaneOptions options) : options_(options) {}

  void add(HookRequest request) { waiting_.push_back(std::move(request)); }

  // A request to send now. It runs until ended().
  std::optional<HookRequest> next(TimePoint now);
  void ended() { --running_; }

  // Those that somebody waits for, and that nobody can answer in time any more.
  std::vector<HookRequest> take_late(TimePoint now);

  // Waits for its next attempt, longer each time; r is uniform in [0,1). Nothing: taken. Else the
  // request back, which has had all its attempts.
  std::optional<HookRequest> try_again(HookRequest request, TimePoint now, double r);

  // When next() or take_late() may have something that they do not have now.
  std::optional<TimePoint> wake_at() const;

  // What waits, retries included: at the end, when nothing more is sent.
  std::size_t waiting() const { return waiting_.size() + retries_.size(); }
  std::size_t running() const { return running_; }
  const HookLaneOptions& options() const { return options_; }

  // No retries from now on. Returns those that wait for one.
  std::vector<HookRequest> stop_retrying();

 private:
  const HookLaneOptions options_;
  std::deque<HookRequest> waiting_;
  std::multimap<TimePoint, HookRequest> retries_;
  std::size_t running_ = 0;
  bool retrying_ = true;
};

}  // namespace usher::hooks
