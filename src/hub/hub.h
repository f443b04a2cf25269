// One shard's connections and their subscriptions: joining, leaving, rights, and fan-out.
//
// A delivery is one loop over a dense vector, which hands the same immutable frame to each
// subscriber. Personal channels need no such vector: an index from session and user to connections
// is enough. A subscription that needs an answer from the channel's home (history, presence, an
// owner) is not live at first: deliveries are held back until the answer has come, then merged by
// offset, so that the stream has neither a gap nor a duplicate.
//
// Late answers. Each handler is called exactly once, possibly before the call returns, unless its
// subscriber leaves first: then it is destroyed uncalled. So a handler may hold a plain reference
// to its connection. Messages that a handler sends reach the connection before any delivery on the
// channels concerned.
//
// Reading order: subscriber.h, channel_rules.h, broker.h, this; then hub.cc, which wires the
// classes that do the work: subscribing.h, endings.h, personal_channels.h, rights_review.h,
// requests.h, orders.h.
//
// Threads: one hub for each shard, used on that shard's thread only. Borrows: rules, broker, clocks,
// entropy, subscribers. Limits: HubOptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/not_reentrant.h"
#include "base/wall_clock.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/hub_options.h"
#include "hub/subscribed.h"
#include "hub/subscriber.h"

namespace usher::hub {

class Hub final : public BrokerSink {
 public:
  // Attaches itself to `broker`.
  Hub(HubOptions options, const ChannelRules& rules, Broker& broker, const Clock& clock,
      const WallClock& wall_clock, Entropy& entropy);
  ~Hub() override;  // requires that every subscriber has left

  // Subscriptions and operations that are under way stay as they are.
  void set_options(const HubOptions& options);

  // --- for sessions ---

  // Gives a new connection its client(), if that is needed before it joins. Optional.
  void name(Subscriber& subscriber);

  // Adds a new connection and subscribes it to its initial channels: its personal channels, the
  // exact entries of its channel_patterns, and its wishes, each once. `done` gets an outcome for
  // each channel, personal ones first. Nothing is delivered before `done`; close() may be called.
  // The connection counts for its session and user from now on; too many end the oldest.
  void join(Subscriber& subscriber, std::vector<SubscribeWish> wishes,
            UniqueFunction<void(Joined)> done);

  // The connection has ended. The time that this takes depends on its own subscriptions only. Does
  // nothing if the connection is not joined. A failure in the middle would leave a dangling
  // connection in the tables: it ends the process.
  void leave(Subscriber& subscriber) noexcept;

  // All of these require a subscriber that is joined.

  // Fails with already_subscribed if the client has subscribed before. A channel to which the
  // server has subscribed it is answered as if it were new.
  void subscribe(Subscriber& subscriber, SubscribeWish wish,
                 UniqueFunction<void(SubscribeOutcome)> done);

  // Fails with permission_denied for personal channels. Succeeds for a channel without a
  // subscription too.
  Result<void, Error> unsubscribe(Subscriber& subscriber, std::string_view channel);

  // Returns true for live subscriptions and personal channels; false for subscriptions that are
  // pending or not answered yet.
  bool is_subscribed(Subscriber& subscriber, std::string_view channel) const;

  // `data`: valid JSON on one line.
  void publish(Subscriber& subscriber, std::string_view channel, std::string_view data,
               Handler<Position> done);

  // The same in two steps, for a caller that asks a hook between them. may_publish() checks the
  // rights, and counts against publish_rate. publish_counted() checks the rights again, because
  // they may have changed.
  void may_publish(Subscriber& subscriber, std::string_view channel, Handler<void> done);
  void publish_counted(Subscriber& subscriber, std::string_view channel, std::string_view data,
                       Handler<Position> done);

  // All three fail with not_available if the channel does not keep this, else with
  // permission_denied unless the subscriber is subscribed to it. history() fails with
  // unrecoverable_position if `since` belongs to another epoch.
  void history(Subscriber& subscriber, std::string_view channel, HistoryQuery query,
               Handler<HistoryPage> done);
  void presence(Subscriber& subscriber, std::string_view channel,
                Handler<std::vector<ClientInfo>> done);
  void presence_stats(Subscriber& subscriber, std::string_view channel,
                      Handler<PresenceStats> done);

  // The connection has a new credential: a guest has logged in, or channel_patterns have changed.
  // `apply` changes the result of identity(); the session must stay the same. Personal channels
  // follow, with a subscribe push. Subscriptions that the new rights do not permit end, with an
  // unsubscribe push. Pending ones are checked again.
  void change_identity(Subscriber& subscriber, UniqueFunction<void()> apply);

  // Whether the client may refresh its subscription to the channel. The error is Centrifugo's:
  // permission_denied unless it is subscribed, not_available unless a token holds it.
  std::optional<Error> refusal_to_refresh(Subscriber& subscriber, std::string_view channel) const;
  // The subscription has a new token: its grant replaces the former one.
  Result<GrantAnswer, Error> refresh_grant(Subscriber& subscriber, std::string_view channel,
                                           const SubscriptionGrant& grant);

  // The decision about a subscription that Subscriber::ask() was called for. Does nothing if it comes
  // too late.
  void decide(const SubscribeQuestion& question, SubscribeDecision decision);

  // Drops everything that has expired, here and in the broker. The caller must call it about once a
  // second.
  void tick();

  // The guard with which a session checks that it is not called in the middle of an operation of
  // its hub.
  const NotReentrant& under_way() const;

  // --- read-only ---
  const HubStats& stats() const;
  std::size_t connections() const;
  std::size_t channels() const;       // with subscribers here, personal ones not counted
  std::size_t subscriptions() const;  // the same
  // Returns null if the client has left.
  Subscriber* find(ClientId client) const;

  // --- BrokerSink ---
  void on_delivery(std::string_view channel, const Delivery& delivery) override;
  void on_bound(std::string_view channel, const Owner& owner) override;
  void on_deliveries_lost(std::string_view channel) override;
  void on_restored() override;
  void on_connection_limit(ClientId client) override;
  OrderAnswer on_order(const Order& order) override;
  void carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace usher::hub
