// How a subscription learns its position: it asks the broker for the channel's deliveries, then for
// history and presence, and writes the outcome into its operation.
//
// Answers name their subscription by its serial: one that has ended is not found.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hub/broker.h"
#include "hub/endings.h"
#include "hub/hub_options.h"
#include "hub/local_channels.h"
#include "hub/recovery.h"
#include "hub/subscribe_operations.h"

namespace usher::hub {

class PositionLookup {
 public:
  struct Dependencies {
    const HubOptions& options;
    LocalChannels& channels;
    Broker& broker;
    SubscribeOperations& operations;
    Endings& endings;
    HubStats& stats;
  };

  explicit PositionLookup(Dependencies dependencies) : with_(dependencies) {}

  // Requires: the subscription is in PendingStep::reach, and an operation waits for it.
  void begin(PendingSubscription& entry);

  // For a client that subscribes to a channel whose deliveries it already gets because of another
  // holder. Writes the outcome of a new subscription that starts at the last delivery; or an error,
  // and then the client does not hold the subscription.
  void answer_live(SubscribeOperation& operation, std::size_t outcome,
                   const Subscription& subscription, RecoveryWish wish, GrantAnswer grant);

 private:
  void on_reached(std::uint64_t serial, Result<void, Error> answer);
  void ask(PendingSubscription& entry);
  void on_presence(std::uint64_t serial, Result<void, Error> answer);
  void on_page(std::uint64_t serial, Result<HistoryPage, Error> answer);
  void on_live_outcome(SubscribeOperation& operation, std::size_t outcome,
                       Result<Subscribed, Error> subscribed);
  void one_answer_less(PendingSubscription& entry);
  // Returns null if the subscription has ended, or if the answer is for an earlier step of it.
  PendingSubscription* find(std::uint64_t serial, PendingStep step);

  const Dependencies with_;
};

}  // namespace usher::hub
