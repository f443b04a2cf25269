// Ends subscriptions whose grant is over: its end is reached, or its user is another one now.
//
// The client is told by an unsubscribe push 2501, after which it subscribes again by itself: with a
// new token, or asking the hook again. For the other holders the server subscribes again.
//
// Threads: its shard's. Borrows: its dependencies.
// Limits: kEndedMax in one tick.
#pragma once

#include <cstddef>

#include "hub/broker.h"
#include "hub/endings.h"
#include "hub/grant_table.h"
#include "hub/local_channels.h"
#include "hub/subscribing.h"

namespace usher::hub {

class GrantEnds {
 public:
  static constexpr std::size_t kEndedMax = 5000;

  struct Dependencies {
    const ChannelRules& rules;
    Broker& broker;
    LocalChannels& channels;
    GrantTable& grants;
    Endings& endings;
    Subscribing& subscribing;
  };

  explicit GrantEnds(Dependencies dependencies) : with_(dependencies) {}

  // Ends what is over. What is more than kEndedMax is left for the next tick.
  void tick();

  // The client has another user now: its grant, a hook's or a token's, is over. Does nothing without
  // one.
  void end_client_grant(Subscriber& subscriber, Subscription& subscription);

 private:
  // `unanswered`: the error of a client that still waits for its subscribe result.
  void end(Subscriber& subscriber, Subscription& subscription, Holders rest, Error unanswered);
  void drop_backend(Subscriber& subscriber, Subscription& subscription, const ClientInfo& before);

  const Dependencies with_;
};

}  // namespace usher::hub
