// Attaches grants to subscriptions.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <string_view>
#include <vector>

#include "hub/broker.h"
#include "hub/grant_table.h"
#include "hub/local_channels.h"

namespace usher::hub {

// Returns what `grants` give their client besides the rules.
GrantedBy granted_by(const std::vector<SubscriptionGrant>& grants);
GrantedBy granted_by(const Subscription& subscription);

// Returns the grants that a subscription with the holders `by` needs if it takes the place of
// `subscription`: the client's grant counts for the client and for its token.
std::vector<SubscriptionGrant> grants_for(const Subscription& subscription, const Holders& by);

// Presence shows the subscription's info as it is now. Does nothing if it is as `before`, or the
// channel keeps no presence.
void show_change(Broker& broker, const Subscriber& subscriber, const Subscription& subscription,
                 const ClientInfo& before);

class GrantHolding {
 public:
  GrantHolding(GrantTable& table, Broker& broker) : table_(table), broker_(broker) {}

  // Returns what the grants add to the subscribe result, or Error::expired if the end of one is
  // reached.
  Result<GrantAnswer, Error> answer_of(const std::vector<SubscriptionGrant>& grants) const;

  // The subscription holds these grants too. If its info changes, presence shows the new one.
  void hold(Subscriber& subscriber, Subscription& subscription,
            const std::vector<SubscriptionGrant>& grants);

 private:
  GrantTable& table_;
  Broker& broker_;
};

}  // namespace usher::hub
