// A subscription that is not live yet. Deliveries on its channel wait in it until the channel's
// home has answered.
//
// Only data; subscribing.h has the decisions.
//
// Threads: its shard's. Borrows: subscriber, channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "hub/held_back.h"
#include "hub/pending_life.h"
#include "hub/publication.h"
#include "hub/subscribed.h"
#include "hub/subscriber.h"

namespace usher::hub {

struct LocalChannel;  // local_channels.h

struct PendingSubscription {
  PendingStep step() const { return life.step(); }

  std::uint64_t serial = 0;
  Subscriber* subscriber = nullptr;
  LocalChannel* channel = nullptr;
  std::uint32_t index = 0;  // in the subscriber's list
  PendingLife life;
  std::uint8_t answers_missing = 0;  // in PendingStep::position
  bool from_start = false;           // an owner gets all kept publications
  bool present = false;              // the broker has been told of its presence
  bool refuses_gap = false;          // rather an error than a subscription with a gap
  bool refused = false;              // its client gets an error: it ends when that is told
  bool lost = false;                 // deliveries are missing: it ends as soon as it is live
  bool told = false;                 // its client has been told that it is pending
  std::uint64_t operation = 0;       // 0: no operation waits for its outcome
  std::size_t outcome = 0;           // its place in the operation
  std::optional<Position> recover_since;
  std::uint64_t position_offset = 0;  // the answer includes deliveries up to it
  TimePoint pending_until{};
  HeldBack held_back;
  GrantAnswer grant;          // for the outcome
  Shown shown;                // in PendingStep::decision
  std::uint32_t attempt = 0;  // likewise: the number of the question that counts
};

}  // namespace usher::hub
