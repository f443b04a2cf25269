// The inside of a hub (hub.h). hub_parts.cc: personal channels and how subscriptions end;
// hub_requests.cc: what clients ask besides; hub_commands.cc: what backends order.
#pragma once

#include <string_view>
#include <vector>

#include "hub/hub.h"
#include "hub/hub_state.h"
#include "hub/subscribing.h"

namespace usher::hub {

class Hub::Parts {
 public:
  Parts(HubOptions options, const ChannelRules& rules, Broker& broker, const Clock& clock,
        Entropy& entropy)
      : state(options, rules, broker, clock, entropy), subscribing(state) {}

  HubState state;
  // Answers to orders whose last connection left before it was subscribed: they wait for a tick,
  // because a connection that leaves is no moment to answer another.
  std::vector<UniqueFunction<void()>> abandoned;
  Subscribing subscribing;

  void deliver_personal(const PersonalName& personal, const Delivery& delivery);
  // Nobody of that session or user may be left on this shard: then the broker is told.
  void let_go_of_personal(std::string_view session, std::string_view user);

  // Takes the subscription out, in whatever state. Does not say so to the client.
  void end(Subscriber& subscriber, const Subscription& subscription);
  // The same for those of the live members of a channel that `which` names; and says so.
  void end_live(std::string_view channel, UnsubscribeReason reason,
                UniqueFunction<bool(Subscriber&)> which);
  void on_bound(std::string_view channel, const Owner& owner);
  void on_deliveries_lost(std::string_view channel);
  void tell_lost_personal(const PersonalName& personal, std::string_view channel);

  void follow_user(Subscriber& subscriber, const std::string& old_user);
  void review_subscriptions(Subscriber& subscriber);
  void end_without_rights(Subscriber& subscriber, const Subscription& subscription);
  void review_owner(Subscriber& subscriber, const std::string& channel);

  // One token out of the subscriber's bucket for the namespace.
  bool may_publish_now(Subscriber& subscriber, const NamespaceOptions& space);
  std::optional<Error> refusal_to_publish(Subscriber& subscriber, std::string_view channel);
  void check_publisher(Subscriber& subscriber, std::string_view channel, Handler<void> done);

  OrderAnswer carry_out(const SubscribeOrder& order);
  void carry_out(const SubscribeOrder& order, UniqueFunction<void(OrderAnswer)> done);
  void answer_abandoned();
  OrderAnswer carry_out(const UnsubscribeOrder& order);
  OrderAnswer carry_out(const DisconnectOrder& order);
  OrderAnswer carry_out(const RefreshOrder& order);
  OrderAnswer carry_out(const ChannelsQuery& query);
  OrderAnswer carry_out(const InfoQuery& query);

 private:
  struct OrderedSubscriptions;
  class SubscribingPart;

  std::vector<ClientId> named_by(const Target& target) const;
};

}  // namespace usher::hub
