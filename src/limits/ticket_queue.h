// The queue in front of /auth/ticket. The node issues `per_second` tickets; a session that must
// wait is told for how long.
//
// When a node dies, its clients arrive at the other nodes within a second. If each client were
// refused with a backoff, it would have to retry many times. Instead each session gets a *place*: a
// time of its own. Places are 1/rate apart, each after the last one given. N callers are spread
// evenly over N/rate seconds, and each asks twice.
//
// A place is kept, by session, until the session comes back. All tickets take from one bucket,
// which is deeper for sessions with a place than for newcomers. Newcomers can use the tokens that
// are left over, and those of sessions that do not come back, but not the tokens for which places
// were given. If even the deeper bucket is empty, the session keeps its place and waits a little
// longer. No session is sent back to the end of the queue.
//
// A session that asks before its time (a reload, another tab) gets the same time again, and one
// more place is reserved for it.
//
// Threads: any; one short lock.  Limits: TicketQueueOptions.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/sip_hash.h"
#include "limits/token_bucket.h"

namespace usher::limits {

struct TicketQueueOptions {
  std::uint32_t per_second = 1;                  // 0: no limit, and no places
  Duration wait_max = std::chrono::minutes(5);   // the latest place
  Duration kept_for = std::chrono::seconds(30);  // how late the session may come
  std::size_t places_max = 500'000;              // sessions with a place; about 100 bytes each
};

// The answer to a caller.
struct Turn {
  enum class Kind : std::uint8_t {
    now,    // the ticket may be issued
    place,  // ask again after `wait`: that time is reserved for the session
    full,   // no place is left: ask again after `wait`; no time is reserved
  };
  Kind kind = Kind::now;
  Duration wait{};
};

class TicketQueue {
 public:
  // Borrows `entropy` during the call only.
  TicketQueue(TicketQueueOptions options, Entropy& entropy);

  // Sessions keep their places. With 0, each of them gets its ticket at once.
  void set_per_second(std::uint32_t per_second);

  // Kind::now uses up one ticket of the node's rate, and the session's place if it has one.
  Turn ask(std::string_view session, TimePoint now);

  std::size_t places() const;  // sessions with a place

 private:
  struct Place {
    TimePoint from;
    std::optional<TimePoint> next;  // reserved for one more ticket of the same session
    TimePoint kept_until;
  };
  struct Lapse {
    TimePoint at;
    std::uint64_t session;
  };
  using Places = std::unordered_map<std::uint64_t, Place>;

  Turn ask_newcomer(std::uint64_t session, TimePoint now);
  Turn ask_owner(Places::iterator owner, TimePoint now);
  std::optional<TimePoint> next_free(TimePoint now);
  void keep(Places::iterator owner, TimePoint until);
  void forget_lapsed(TimePoint now);

  const TicketQueueOptions options_;
  const SipKey key_;
  std::atomic<bool> unlimited_ = false;  // then no lock is taken
  mutable std::mutex mutex_;
  Duration turn_{};  // one ticket's share of a second; guarded by mutex_, as all below
  RateLimit for_newcomers_;
  RateLimit for_owners_;
  TokenBucket bucket_;
  TimePoint tail_ = TimePoint::min();  // no place before this time is free
  Places places_;                      // by keyed hash of the session
  std::deque<Lapse> lapses_;           // when to check whether a place has lapsed
};

}  // namespace usher::limits
