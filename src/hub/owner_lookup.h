// Subscriptions to channels that the backend binds to one session or user: each asks for the
// channel's owner, and waits for a binding where there is none yet.
//
// Threads: its shard's. Borrows: its dependencies. Limits: HubOptions::pending_….
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"
#include "hub/broker.h"
#include "hub/endings.h"
#include "hub/hub_options.h"
#include "hub/local_channels.h"
#include "hub/owner_waits.h"
#include "hub/position_lookup.h"
#include "hub/subscribe_operations.h"

namespace usher::hub {

class OwnerLookup {
 public:
  struct Dependencies {
    const HubOptions& options;
    const Clock& clock;
    LocalChannels& channels;
    Broker& broker;
    SubscribeOperations& operations;
    OwnerWaits& waits;
    Endings& endings;
    PositionLookup& positions;
  };

  explicit OwnerLookup(Dependencies dependencies) : with_(dependencies) {}

  // Requires: the subscription is in PendingStep::owner.
  void begin(PendingSubscription& entry);

  // The subscription's channel belongs to `owner` now.
  void on_bound(PendingSubscription& entry, const Owner& owner);

  // Its subscriber's identity has changed: a pending subscription is checked again.
  void ask_again(PendingSubscription& entry);

  // Bindings may have been missed: all pending subscriptions are checked again, some at every tick.
  void ask_all_again();

  // Ends subscriptions that have been pending for too long.
  void tick();

 private:
  void on_owner(std::uint64_t serial, Result<std::optional<Owner>, Error> answer);
  void wait(PendingSubscription& entry);
  bool make_room_for(std::string_view session);
  void activate(PendingSubscription& entry);
  void ask_some_again();

  const Dependencies with_;
  std::deque<std::uint64_t> asking_again_;  // serials
};

}  // namespace usher::hub
