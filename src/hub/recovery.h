// What a subscriber that comes (back) is told and given, out of what the channel's home answered.
// Pure.
//
// Either everything that followed its last position arrives, in order, or it is told that something
// is missing, and why; never a part in silence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/subscribed.h"

namespace usher::hub {

struct RecoveryWish {
  std::optional<Position> since;  // what the client has seen; nothing: it is new here
  bool from_start = false;        // new, but to be given all that is kept: an owner
};

struct RecoveryLimits {
  std::size_t publications_max = 0;
  std::size_t bytes_max = 0;
};

// Does the subscriber need the home's history to be answered?
bool needs_history(const NamespaceOptions& options, const RecoveryWish& wish);

// What to ask it. Offset 0 with no epoch is the beginning of whatever stream there is.
HistoryQuery recovery_query(const RecoveryWish& wish, const RecoveryLimits& limits);

// `page` answers recovery_query(). `lost_offset`: deliveries up to it were not held back; 0: none
// are missing.
Subscribed recovered(const NamespaceOptions& options, const RecoveryWish& wish, HistoryPage page,
                     std::uint64_t lost_offset, const RecoveryLimits& limits);

// The same where there is no history to ask.
Subscribed not_recoverable(const RecoveryWish& wish);

// How much of an outbox it will take, roughly.
std::size_t size_in_bytes(const Publication& publication);
std::size_t size_in_bytes(const Publications& publications);

}  // namespace usher::hub
