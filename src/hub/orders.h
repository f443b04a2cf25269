// Carries out orders of a backend, or of another shard, for this shard's connections, and answers
// queries about them.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/unique_function.h"
#include "hub/client_id.h"
#include "hub/endings.h"
#include "hub/local_channels.h"
#include "hub/order.h"
#include "hub/subscriber_index.h"
#include "hub/subscribing.h"

namespace usher::hub {

class Orders {
 public:
  struct Dependencies {
    SubscriberIndex& index;
    LocalChannels& channels;
    Endings& endings;
    Subscribing& subscribing;
    std::size_t channels_listed_max;
  };

  explicit Orders(Dependencies dependencies) : with_(dependencies) {}

  // Returns the answer that is known at once, without the outcome of subscriptions.
  OrderAnswer carry_out(const Order& order);
  // Calls `done` once, when every connection that the target names is subscribed, refused or gone.
  void carry_out(const SubscribeOrder& order, UniqueFunction<void(OrderAnswer)> done);

  // Answers the orders whose last connection has left before it was subscribed. They wait for a
  // tick, because nothing else may be answered while a connection leaves.
  void tick();

 private:
  struct OrderedSubscriptions;
  class SubscribingPart;

  OrderAnswer carry_out_one(const SubscribeOrder& order);
  OrderAnswer carry_out_one(const UnsubscribeOrder& order);
  OrderAnswer carry_out_one(const DisconnectOrder& order);
  OrderAnswer carry_out_one(const RefreshOrder& order);
  OrderAnswer carry_out_one(const ChannelsQuery& query);
  OrderAnswer carry_out_one(const InfoQuery& query);
  OrderAnswer carry_out_one(const SessionsQuery& query);

  std::vector<ClientId> named_by(const Target& target) const;
  // Calls `act(subscriber)` for each that the target names, and returns their number.
  template <class Act>
  OrderAnswer for_each_named(const Target& target, Act act) const;

  const Dependencies with_;
  std::vector<std::shared_ptr<OrderedSubscriptions>> abandoned_;
};

}  // namespace usher::hub
