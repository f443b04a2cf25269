// The grants of a shard's subscriptions: what of them lasts, and which of them end next.
//
// A HeldGrants belongs to its Subscription and leaves the table with it, however the subscription
// ends. A subscription without grants has none: it costs one pointer.
//
// Threads: its shard's. Borrows: both clocks; the subscriber and the channel of each entry.
// Limits: one entry for each subscription.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/wall_clock.h"
#include "hub/error.h"
#include "hub/subscribed.h"
#include "hub/subscription_grant.h"

namespace usher::hub {

class GrantTable;
class Subscriber;
struct LocalChannel;  // local_channels.h

// Between the end of a grant and the unsubscribe push: a client that refreshes in time, by its own
// clock, keeps its subscription. Connections have as long (session/server_session.cc).
inline constexpr Duration kGrantGrace = std::chrono::seconds(5);

class HeldGrants {
 public:
  HeldGrants(GrantTable& table, Subscriber& subscriber, const LocalChannel& channel);
  ~HeldGrants();
  HeldGrants(const HeldGrants&) = delete;
  HeldGrants& operator=(const HeldGrants&) = delete;

  // Replaces the former grant of the same side: that of the client (a hook's or a token's), or that
  // of the backend.
  void add(const SubscriptionGrant& grant);

  // Takes back the grants whose end is reached.
  struct Ended {
    bool client = false;
    bool backend = false;
  };
  Ended take_ended(TimePoint now);
  // Takes back the client's grant. Returns false if there is none.
  bool drop_client();

  // Returns the info of the newest grant that is left; "" without one.
  const std::string& info() const;
  bool may_publish() const {
    return (client_ && client_->publish) || (backend_ && backend_->publish);
  }
  GrantedBy granted() const;
  // Returns the grants that are left, the newest last, for a subscription that takes the place of this one.
  std::vector<SubscriptionGrant> all() const;

  Subscriber& subscriber() const { return subscriber_; }
  const LocalChannel& channel() const { return channel_; }

 private:
  friend class GrantTable;
  struct Part {
    SubscriptionGrant::By by{};
    std::optional<std::int64_t> expire_at;
    TimePoint until = TimePoint::max();  // the grace included
    bool publish = false;
    std::string info;
  };

  SubscriptionGrant grant_of(const Part& part) const;
  void put_in_order();

  GrantTable& table_;
  const std::uint64_t serial_;  // the older of two entries with one end comes first
  Subscriber& subscriber_;
  const LocalChannel& channel_;
  std::optional<Part> client_;
  std::optional<Part> backend_;
  bool backend_is_newer_ = false;
  TimePoint due_ = TimePoint::max();  // its place in the table; max: it never ends
};

class GrantTable {
 public:
  GrantTable(const Clock& clock, const WallClock& wall_clock)
      : clock_(clock), wall_clock_(wall_clock) {}

  // Returns what the grant adds to the subscribe result, or Error::expired if its end is reached. A
  // client is told the end of a token only: it cannot refresh the others.
  Result<GrantAnswer, Error> answer_of(const SubscriptionGrant& grant) const;

  // Returns the entry whose end is the earliest, if that is reached, or null.
  HeldGrants* first_due(TimePoint now) const;

  TimePoint now() const { return clock_.now(); }
  std::size_t ending() const { return by_end_.size(); }  // entries with an end

 private:
  friend class HeldGrants;
  std::int64_t seconds_left(std::int64_t expire_at) const;

  const Clock& clock_;
  const WallClock& wall_clock_;
  std::map<std::pair<TimePoint, std::uint64_t>, HeldGrants*> by_end_;
  std::uint64_t last_serial_ = 0;
};

}  // namespace usher::hub
