// The holders of a subscription, and whether their rights to the channel are still good.
//
// A subscription can have several holders at once. It ends when none of them is left.
//
// Pure: no state.
#pragma once

#include <string_view>

#include "hub/channel_rules.h"
#include "hub/subscriber.h"
#include "hub/subscription_grant.h"

namespace usher::hub {

struct Holders {
  bool client : 1 = false;  // the client subscribed, by a command or by a wish at its start
  bool wish : 1 = false;   // at its start the client wished for a channel that the token subscribes
                           // anyway: the client's rights hold it, but its first `subscribe` command
                           // is still answered as new
  bool token : 1 = false;  // an exact entry of the token's channel_patterns, or a personal channel
  bool backend : 1 = false;  // the server API

  bool any() const { return client || wish || token || backend; }
  void add(const Holders& more) {
    client = client || more.client;
    wish = wish || more.wish;
    token = token || more.token;
    backend = backend || more.backend;
  }
  friend bool operator==(const Holders&, const Holders&) = default;
};

// Returns those of `holders` that have the right to the channel now. `granted`: what was decided for
// the client besides the rules.
Holders permitted(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                  Holders holders, GrantedBy granted = {});

// Returns the rules' verdict on `holders`: allowed, or the reason why they may not hold the
// channel.
Verdict verdict(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                const Holders& holders);

// Returns the error for a client none of whose `holders` is permitted.
Error refusal_of(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                 const Holders& holders);

}  // namespace usher::hub
