// Subscriptions about which the backend's hook, or a subscription token, decides: they wait until
// their session has the decision.
//
// A decision is good only for the user for whom it was asked: when the user changes meanwhile, the
// question is asked again. The rules are checked again when the decision comes.
//
// Threads: its shard's. Borrows: its dependencies.
// Limits: one question under way for each subscription that is not live, or for each command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hub/channel_rules.h"
#include "hub/endings.h"
#include "hub/grant_holding.h"
#include "hub/local_channels.h"
#include "hub/position_lookup.h"
#include "hub/subscribe_operations.h"
#include "hub/subscribe_question.h"

namespace usher::hub {

// Who has to decide about a wish, besides the rules.
enum class Decider : std::uint8_t { none, hook, token, refused };

// `granted`: what is decided already. Refused: a token is shown for a channel that no token opens.
Decider decider_of(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                   bool shows_token, GrantedBy granted);

// The holders that a subscription would have, if the decision is in favour of it.
struct Wanted {
  Holders by;
  Decider decider = Decider::none;
};
Wanted wanted_by(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                 const Holders& by, bool shows_token, GrantedBy granted);

class Decisions {
 public:
  struct Dependencies {
    const ChannelRules& rules;
    LocalChannels& channels;
    SubscribeOperations& operations;
    Endings& endings;
    PositionLookup& positions;
    GrantHolding& grants;
  };

  explicit Decisions(Dependencies dependencies) : with_(dependencies) {}

  // Requires: the subscription is fresh, and an operation waits for it.
  void begin(PendingSubscription& entry, Shown shown);

  // For a client that shows a token for a channel whose deliveries it already gets because of
  // another holder.
  void begin_live(SubscribeOperation& operation, std::size_t outcome, Subscription& subscription,
                  RecoveryWish wish, Shown shown);

  // The user has changed. Does nothing unless a decision is waited for.
  void ask_again(PendingSubscription& entry);

  // Returns what is left of a subscription that was refused to its client, or nothing: the
  // caller must begin it again.
  struct Left {
    ClientId client;
    std::string channel;
    Holders by;
    std::vector<SubscriptionGrant> grants;
  };
  std::optional<Left> decide(const SubscribeQuestion& question, SubscribeDecision decision);

 private:
  std::optional<Left> decide_pending(PendingSubscription& entry, SubscribeDecision decision);
  void decide_live(const SubscribeQuestion& question, SubscribeDecision decision);
  std::optional<Left> refuse(PendingSubscription& entry, const SubscribeError& error);
  void ask(PendingSubscription& entry);

  const Dependencies with_;
};

}  // namespace usher::hub
