// How a subscription comes to be: rights, owner, the broker's deliveries, history and presence,
// then live.
//
// One join() or subscribe() is one operation: some channels, one answer. Each of its channels that
// the subscriber may have gets a PendingSubscription, in which deliveries are held back. When the
// last outcome is known, the operation's handler is called with all of them. After that, and never
// before, the subscriptions are live: first the deliveries that were held back go out, without
// those that the answer has. So the client's view has neither a gap nor a duplicate.
//
// The steps are in pending_life.h. A pending subscription that gets its owner later continues as an
// operation of its own, which ends in a subscribe push.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_function.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/decisions.h"
#include "hub/endings.h"
#include "hub/grant_holding.h"
#include "hub/hub_options.h"
#include "hub/local_channels.h"
#include "hub/owner_lookup.h"
#include "hub/position_lookup.h"
#include "hub/subscribe_operations.h"
#include "hub/subscriber_index.h"

namespace usher::hub {

class Subscribing final : private SubscribeOperations::Listener {
 public:
  struct Request {
    std::string channel;
    std::optional<Position> recover_since{};
    Holders by{.client = true};       // whose rights count
    bool filtered = false;            // SubscribeWish::filtered
    bool refuse_unrecovered = false;  // the same
    Shown shown{};
    std::vector<SubscriptionGrant> grants{};  // at most one for the client, one for the backend
  };

  struct Dependencies {
    const HubOptions& options;
    const ChannelRules& rules;
    Broker& broker;
    SubscriberIndex& index;
    LocalChannels& channels;
    SubscribeOperations& operations;
    Endings& endings;
    PositionLookup& positions;
    OwnerLookup& owners;
    GrantHolding& grants;
    Decisions& decisions;
    HubStats& stats;
  };

  // Attaches itself to the operations.
  explicit Subscribing(Dependencies dependencies);

  // One operation. `done` may be called before this returns.
  void begin(Subscriber& subscriber, std::vector<Request> requests, SubscribeOperation::Done done);

  // The initial subscriptions of a connection. The outcomes of `indexed` personal channels come
  // first; these need only the broker's deliveries. When `done` returns, the subscriber is live.
  void begin_join(Subscriber& subscriber, Joined indexed, std::vector<Request> requests,
                  SubscribeOperation::Done done);

  // Subscribes a client that has not asked for it, and tells it by a push. Calls `done` once,
  // before this returns or later: with an error, or with nothing when the subscription is live or
  // pending. `done` is destroyed uncalled if the subscriber leaves first.
  using PushDone = UniqueFunction<void(std::optional<Error>)>;
  void begin_push(Subscriber& subscriber, Request request, PushDone done = {});

  // The session has the decision that it was asked for (Subscriber::ask()).
  void decide(const SubscribeQuestion& question, SubscribeDecision decision);

  // Deliveries on the channel may be missing: each subscriber is told, or subscribed again.
  void on_deliveries_lost(std::string_view channel);

 private:
  Wanted wanted(const Identity& identity, const Request& request) const;
  // Returns false if the new subscription takes the place of `there`.
  bool answer_there(SubscribeOperation& operation, std::size_t outcome, Subscription& there,
                    Request& request, const Wanted& wanted, GrantAnswer& grant);
  void start_new(SubscribeOperation& operation, std::size_t outcome, Request request,
                 const Wanted& wanted, GrantAnswer grant);
  void start(SubscribeOperation& operation, std::size_t outcome, Request request);
  void add_to_join(SubscribeOperation& join, Request request, PushDone done);
  bool is_full(Subscriber& subscriber, std::string_view channel) const;

  void on_settled(SubscribeOperation operation) override;
  void go_live(PendingSubscription& entry);
  void renew(PendingSubscription& entry);
  void renew_live(std::string_view channel);

  const Dependencies with_;
};

}  // namespace usher::hub
