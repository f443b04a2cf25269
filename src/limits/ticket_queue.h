// The line in front of /auth/ticket: so many tickets a second on this node, and who must wait is
// told for how long.
//
// When a node dies, its clients arrive at the others within a second. Turning them away with a
// backoff each would have them come again and again; so each gets a *place*: a time of its own, one
// every 1/rate, behind the last that was given. N callers are spread evenly over N/rate seconds,
// and each asks twice.
//
// A place is remembered by session until its owner comes. The bucket that all tickets are paid from
// is deeper for owners of a place than for others: newcomers can use what is left over (the
// turns of those who never return, too), but can't use up what places were given for. An owner who
// finds even that empty keeps its place and is asked to wait a little longer, so nobody is sent to
// the end again.
//
// A session that asks before its time (reload, another tab) is told its time again, and one more
// place is put by for it.
//
// Threads: any; one short lock.  Limits: TicketQueueOptions.
#pragma once

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
  std::uint32_t per_second = 1;                  // above zero
  Duration wait_max = std::chrono::minutes(5);   // no place is later than that
  Duration kept_for = std::chrono::seconds(30);  // how late its owner may be
  std::size_t places_max = 500'000;              // sessions with a place; about 100 bytes each
};

// What a caller is told.
struct Turn {
  enum class Kind : std::uint8_t {
    now,    // go on
    place,  // come back after `wait`: that time is yours
    full,   // no place is left: come back after `wait`, and try again
  };
  Kind kind = Kind::now;
  Duration wait{};
};

class TicketQueue {
 public:
  // Borrows `entropy` during the call only.
  TicketQueue(TicketQueueOptions options, Entropy& entropy);

  // `now` uses up one turn of the node's, and the session's place if it had one.
  Turn ask(std::string_view session, TimePoint now);

  std::size_t places() const;  // sessions that are being waited for

 private:
  struct Place {
    TimePoint from;
    std::optional<TimePoint> next;  // put by for another of the same session
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
  const Duration turn_;  // one ticket's share of a second
  const RateLimit for_newcomers_;
  const RateLimit for_owners_;
  const SipKey key_;
  mutable std::mutex mutex_;
  TokenBucket bucket_;
  TimePoint tail_ = TimePoint::min();  // no place is free before
  Places places_;                      // by keyed hash of the session
  std::deque<Lapse> lapses_;           // when to look whether a place is still kept
};

}  // namespace usher::limits
