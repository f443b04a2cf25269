// How subscriptions end, pending or live: here, at the broker, and for the operation that waits.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/unique_function.h"
#include "hub/broker.h"
#include "hub/local_channels.h"
#include "hub/owner_waits.h"
#include "hub/subscribe_operations.h"
#include "hub/subscription_pushes.h"

namespace usher::hub {

// The outcome of a subscription that the client or the backend has ended before it was live.
inline constexpr Error kUnsubscribed = Error::not_available;

class Endings {
 public:
  struct Dependencies {
    LocalChannels& channels;
    Broker& broker;
    SubscribeOperations& operations;
    OwnerWaits& waits;
  };

  explicit Endings(Dependencies dependencies) : with_(dependencies) {}

  // Removes the subscription with this place in the subscriber's list, here and at the broker. Its
  // operation and its client are told nothing.
  void drop(Subscriber& subscriber, std::uint32_t subscription);

  // Ends a pending subscription. Its operation, if one waits, gets `error`; its client is told
  // nothing.
  void cancel(PendingSubscription& entry, const SubscribeError& error);
  // The same, and a client that has been told of the subscription already gets an unsubscribe push.
  void cancel_and_tell(PendingSubscription& entry, Error error, UnsubscribeReason reason);

  // Ends a subscription, pending or live. Its client is told nothing.
  void end(Subscriber& subscriber, const Subscription& subscription);
  // The same because no holder has the right to it any more. The client is told: by the answer that
  // it waits for, or else by an unsubscribe push.
  void end_without_rights(Subscriber& subscriber, const Subscription& subscription);

  // The same for another reason. `error`: the answer that it waits for.
  void end_and_tell(Subscriber& subscriber, const Subscription& subscription, Error error,
                    UnsubscribeReason reason);

  // Ends the live subscriptions of the members for which `which` returns true, each with an
  // unsubscribe push. `which` must not change the channel.
  void end_live(std::string_view channel, UnsubscribeReason reason,
                UniqueFunction<bool(Subscriber&)> which);

 private:
  const Dependencies with_;
};

}  // namespace usher::hub
