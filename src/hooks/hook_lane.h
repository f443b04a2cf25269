// The requests to one hook: running, waiting, to be retried, and too late.
//
//     reserve ──add──▶ waiting ──next──▶ running ──▶ ended
//                         ▲                 │
//                         └── try_again ◀───┘  (notifications)
//
// The calling thread reserves room before it hands the request to the lane's thread. Therefore
// requests between the two threads count, too.
//
// Threads: HookRoom may be shared; a HookLane belongs to one thread.
// Limits: HookLaneOptions.
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
#include "ticket/ticket_hook.h"

namespace usher::hooks {

struct HookLaneOptions {
  std::size_t running_max = 64;      // connections to the hook
  std::size_t waiting_max = 1024;    // in addition to the running ones
  std::size_t bytes_max = 64 << 20;  // all waiting and running requests together
  std::size_t per_session_max = 0;   // waiting and running of one session; 0: no limit
  Duration timeout = std::chrono::seconds(5);
  std::uint32_t attempts_max = 5;  // of a notification
  Duration backoff_first = std::chrono::milliseconds(500);
  Duration backoff_max = std::chrono::seconds(30);
};

// Counts the waiting and running requests on the threads that make them.
//
// Each session has a share, so that no session can fill the room: per_session_max requests,
// kSessionRequestsCrowded while more than half of the room is taken, and an eighth of the bytes.
// One request is always allowed.
class HookRoom {
 public:
  static constexpr std::size_t kSessionRequestsCrowded = 8;

  explicit HookRoom(const HookLaneOptions& options)
      : requests_max_(options.running_max + options.waiting_max),
        bytes_max_(options.bytes_max),
        per_session_max_(options.per_session_max) {}

  // Returns false if there is no room, or the session's share is used up.
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
  std::unordered_map<std::string, Held> by_session_;  // only sessions with requests
};

struct HookRequest {
  session::HookEvent::Kind kind{};
  HookMessage message;
  std::string session;
  std::size_t bytes = 0;  // reserved for `session`
  // What the answer is for. All are empty for a notification and for a `send`.
  UniqueFunction<void(session::HookAnswer)> done;
  UniqueFunction<void(ticket::TicketHookAnswer)> ticket_done;
  std::uint32_t attempts = 0;
  TimePoint deadline;  // if expects_answer(); the request was made at `deadline - timeout`

  bool expects_answer() const { return done || ticket_done; }
};

class HookLane {
 public:
  explicit HookLane(HookLaneOptions options) : options_(options) {}

  void add(HookRequest request) { waiting_.push_back(std::move(request)); }

  // Returns a request to send now. It counts as running until ended().
  std::optional<HookRequest> next(TimePoint now);
  void ended() { --running_; }

  // Removes and returns the waiting requests that expect an answer and can no longer get it in
  // time.
  std::vector<HookRequest> take_late(TimePoint now);

  // Schedules the next attempt, after a longer delay each time. `r` is uniform in [0,1). Returns
  // `nullopt` if the request was scheduled; otherwise returns the request, which has no attempt
  // left.
  std::optional<HookRequest> try_again(HookRequest request, TimePoint now, double r);

  // Returns when next() or take_late() may next have a request that they do not have now.
  std::optional<TimePoint> wake_at() const;

  // Returns the number of waiting requests, including retries. For the end, when nothing more is
  // sent.
  std::size_t waiting() const { return waiting_.size() + retries_.size(); }
  std::size_t running() const { return running_; }
  const HookLaneOptions& options() const { return options_; }

  // Stops all retries. Returns the requests that waited for one.
  std::vector<HookRequest> stop_retrying();

 private:
  const HookLaneOptions options_;
  std::deque<HookRequest> waiting_;
  std::multimap<TimePoint, HookRequest> retries_;
  std::size_t running_ = 0;
  bool retrying_ = true;
};

}  // namespace usher::hooks
