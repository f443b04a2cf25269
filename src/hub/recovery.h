// The outcome for a subscriber that is new or comes back, computed from the answer of the channel's
// home. Pure.
//
// Either all publications after the subscriber's last position arrive, in order, or it is told that
// some are missing, and why. No part is ever left out silently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/subscribed.h"

namespace usher::hub {

struct RecoveryWish {
  std::optional<Position> since;  // the client's last position; without a value it is new
  bool from_start = false;        // a new owner gets all kept publications
  bool refuse_gap = false;        // rather an error than a subscription with a gap
};

struct RecoveryLimits {
  std::size_t publications_max = 0;
  std::size_t bytes_max = 0;
};

// Returns whether the home's history must be asked before the subscriber can be answered.
bool needs_history(const NamespaceOptions& options, const RecoveryWish& wish);

// Returns the query for it. Offset 0 without an epoch is the beginning of the present stream.
HistoryQuery recovery_query(const NamespaceOptions& options, const RecoveryWish& wish,
                            const RecoveryLimits& limits);

// `page`: the answer to recovery_query(). `lost_offset`: deliveries up to it were dropped; 0: none
// were.
Subscribed recovered(const NamespaceOptions& options, const RecoveryWish& wish, HistoryPage page,
                     std::uint64_t lost_offset, const RecoveryLimits& limits);

// Returns whether the subscriber must get an error instead. A channel without recovery, and one
// whose newest publication is all that counts, have no gaps.
bool must_refuse(const NamespaceOptions& options, const RecoveryWish& wish,
                 const Subscribed& subscribed);

// The same as recovered() for a channel without history.
Subscribed not_recoverable(const RecoveryWish& wish);

// Returns roughly how many bytes of an outbox it takes.
std::size_t size_in_bytes(const Publication& publication);
std::size_t size_in_bytes(const Publications& publications);

}  // namespace usher::hub
