// Keeps the deliveries on a channel from a subscriber whose subscription is not live yet.
//
// They are let out when the subscription goes live (subscribing.h). Some can be dropped because there
// are too many; the answer to the subscriber then says so, if it has not been told yet.
//
// Threads: its shard's. Borrows: options and operations.
// Limits: HubOptions::held_back_max for each subscription.
#pragma once

#include "hub/hub_options.h"
#include "hub/pending_subscription.h"
#include "hub/publication.h"
#include "hub/subscribe_operations.h"

namespace usher::hub {

class HoldingBack {
 public:
  HoldingBack(const HubOptions& options, SubscribeOperations& operations)
      : options_(options), operations_(operations) {}

  // Does nothing with a delivery that will be in the history, or whose subscriber is refused.
  void add(PendingSubscription& entry, const Delivery& delivery);

 private:
  void tell_lost(PendingSubscription& entry);

  const HubOptions& options_;
  SubscribeOperations& operations_;
};

}  // namespace usher::hub
