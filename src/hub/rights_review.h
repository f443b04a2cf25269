// Checks subscriptions again: after a change of the subscriber's identity, and when a channel gets
// an owner.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <string>
#include <string_view>

#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/decisions.h"
#include "hub/endings.h"
#include "hub/grant_ends.h"
#include "hub/local_channels.h"
#include "hub/owner_lookup.h"

namespace usher::hub {

class RightsReview {
 public:
  struct Dependencies {
    const ChannelRules& rules;
    Broker& broker;
    LocalChannels& channels;
    Endings& endings;
    OwnerLookup& owners;
    GrantEnds& grant_ends;
    Decisions& decisions;
  };

  explicit RightsReview(Dependencies dependencies) : with_(dependencies) {}

  // The subscriber's identity has changed. Subscriptions without a holder that has the right to
  // them end, with an unsubscribe push; presence shows the new identity. What was granted to another
  // user is over.
  void on_identity_changed(Subscriber& subscriber, bool user_changed);

  // The channel belongs to `owner` now: subscriptions of others end.
  void on_bound(std::string_view channel, const Owner& owner);

 private:
  void review_owner(Subscriber& subscriber, const std::string& channel);

  const Dependencies with_;
};

}  // namespace usher::hub
