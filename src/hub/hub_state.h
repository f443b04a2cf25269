// What the parts of a hub share: the connections, the channels, the way to the broker; and how a
// subscription ends.
//
// Threads: its shard's. Borrows: rules, broker, clock, entropy.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/not_reentrant.h"
#include "hub/hub.h"
#include "hub/local_channels.h"
#include "hub/subscriber_index.h"

namespace usher::hub {

// Codes of `unsubscribe` pushes. Below 2500 an SDK does not subscribe again by itself.
struct UnsubscribeReason {
  std::uint32_t code;
  std::string_view text;
};
inline constexpr UnsubscribeReason kServerUnsubscribe{2000, "server unsubscribe"};
inline constexpr UnsubscribeReason kRightsLost{2102, "permission lost"};
inline constexpr UnsubscribeReason kBoundToAnother{2100, "bound to another"};
inline constexpr UnsubscribeReason kNeverBound{2101, "not bound in time"};
inline constexpr UnsubscribeReason kTooManyPending{2103, "too many pending"};
inline constexpr UnsubscribeReason kInsufficientState{2500, "insufficient state"};

struct HubState {
  HubState(HubOptions hub_options, const ChannelRules& channel_rules, Broker& the_broker,
           const Clock& the_clock, Entropy& the_entropy)
      : options(hub_options),
        rules(channel_rules),
        broker(the_broker),
        clock(the_clock),
        entropy(the_entropy),
        index(the_entropy),
        channels(SipKey::random(the_entropy)) {}

  const HubOptions options;
  const ChannelRules& rules;
  Broker& broker;
  const Clock& clock;
  Entropy& entropy;
  SubscriberIndex index;
  LocalChannels channels;
  HubStats stats;
  NotReentrant under_way;  // an operation of the hub

  // Those of `holders` whose rights to the channel are good now, by the subscriber's identity.
  Holders permitted(const Subscriber& subscriber, std::string_view channel, Holders holders) const;
  // Why `holders` may not hold the channel, or why they may.
  Verdict verdict(const Subscriber& subscriber, std::string_view channel,
                  const Holders& holders) const;

  // Takes the subscription out, here and at the broker. Says nothing to the client.
  void drop(Subscriber& subscriber, std::uint32_t subscription);

  // The server has subscribed the client; what it missed follows as publications of their own.
  static void push_subscribed(Subscriber& subscriber, std::string_view channel,
                              const Subscribed& subscribed);
  static void push_unsubscribe(Subscriber& subscriber, std::string_view channel,
                               UnsubscribeReason reason);

  // The subscriber as others see it.
  static ClientInfo info_of(const Subscriber& subscriber);

  // Is it a personal channel that lives in the index alone?
  bool is_indexed(const PersonalName& personal, std::string_view channel) const {
    if (personal.kind == Personal::no) return false;
    const NamespaceOptions* const space = rules.options(channel);
    return space == nullptr || space->is_plain();
  }
};

}  // namespace usher::hub
