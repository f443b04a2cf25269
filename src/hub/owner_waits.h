// The subscriptions of a shard that wait for the backend to bind their channel: until when, and how
// many of each session.
//
// All connections of a shard share one table, so each session has a share of it (pending_shares.h).
//
// Threads: its shard's. Limits: HubOptions::pending_max, pending_per_session_max.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "hub/hub_options.h"
#include "hub/pending_shares.h"

namespace usher::hub {

class OwnerWaits {
 public:
  explicit OwnerWaits(const HubOptions& options)
      : max_(options.pending_max), per_session_max_(options.pending_per_session_max) {}

  void set_max(std::size_t max, std::size_t per_session_max) {
    max_ = max;
    per_session_max_ = per_session_max;
  }

  // Whether one more subscription of `session` may wait. If the table is full, `displaced` is the
  // serial of a subscription that the caller must remove first. It belongs to the session that
  // holds most. It is never taken for a session that would then hold more.
  struct Room {
    bool granted = false;
    std::optional<std::uint64_t> displaced{};
  };
  Room room_for(std::string_view session) const;

  void add(std::string_view session, std::uint64_t serial, TimePoint until);
  // Requires: it was added with the same arguments.
  void remove(std::string_view session, std::uint64_t serial, TimePoint until);

  // Returns the serial with the earliest end, or nothing if that end is after `now`.
  std::optional<std::uint64_t> first_due(TimePoint now) const;
  // Removes the serial of first_due(). For a serial that belongs to no subscription: that is a
  // defect, which must not repeat at every tick.
  void skip_first() { by_end_.erase(by_end_.begin()); }

  std::size_t size() const { return shares_.size(); }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [until, serial] : by_end_) visit(serial);
  }

 private:
  std::size_t max_;
  std::size_t per_session_max_;
  std::set<std::pair<TimePoint, std::uint64_t>> by_end_;
  PendingShares shares_;
};

}  // namespace usher::hub
