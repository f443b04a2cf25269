// One shard's connections and what they are subscribed to: joining, leaving, rights, and fan-out.
//
// A delivery is one loop over a dense vector, handing the same immutable frame to each subscriber.
// Personal channels are not even that: an index from session and user to connections. A
// subscription that needs word from the channel's home (history, presence, an owner) *enters*
// first: live deliveries are held back until the answer is in, then merged by offset, so that the
// stream has neither a gap nor a duplicate.
//
// Answers that come late. Each handler is called exactly once, possibly before the call returns,
// unless its subscriber leaves first: then it is destroyed uncalled. So a handler may hold a plain
// reference to its connection. What is said in a handler reaches the connection before anything
// that is delivered on the channels concerned.
//
// Reading order: subscriber.h, channel_rules.h, broker.h, this.
//
// Threads: one hub for each shard, used on that shard's thread only. Borrows: rules, broker, clock,
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
      Entropy& entropy);
  ~Hub() override;  // requires that every subscriber has left

  // --- for sessions ---

  // Gives a new connection its client(), for whoever speaks of it before it joins. Optional.
  void name(Subscriber& subscriber);

  // Takes in a new connection, with all it starts with: its personal channels, the exact entries of
  // its channel_patterns, and what it wishes, each once. `done` has an outcome for each channel,
  // personal ones first. Nothing is delivered before `done`; close() may be called. The connections
  // of its session and user are counted here; too many end the oldest.
  void join(Subscriber& subscriber, std::vector<SubscribeWish> wishes,
            UniqueFunction<void(Joined)> done);

  // The connection has ended. Takes time by its own subscriptions, nothing else's. Does nothing if
  // it is not joined.
  // A failure in the middle of it would leave a connection behind that is gone: it ends the
  // process.
  void leave(Subscriber& subscriber) noexcept;

  // All of these require a subscriber that is joined.

  // already_subscribed if the client asked for it before; what the server subscribed is answered as
  // if it were new.
  void subscribe(Subscriber& subscriber, SubscribeWish wish,
                 UniqueFunction<void(SubscribeOutcome)> done);

  // permission_denied for personal channels. Done when it returns; of a channel it does not have:
  // done.
  Result<void, Error> unsubscribe(Subscriber& subscriber, std::string_view channel);

  // Personal channels included; pending ones, and those not answered yet, are not.
  bool is_subscribed(Subscriber& subscriber, std::string_view channel) const;

  // `data`: valid JSON on one line.
  void publish(Subscriber& subscriber, std::string_view channel, std::string_view data,
               Handler<Position> done);

  // The same in two steps, for who asks somebody else between them. may_publish() looks at the
  // rights, and counts against publish_rate; publish_counted() looks at the rights again, which
  // may have changed.
  void may_publish(Subscriber& subscriber, std::string_view channel, Handler<void> done);
  void publish_counted(Subscriber& subscriber, std::string_view channel, std::string_view data,
                       Handler<Position> done);

  // All three: not_available where nothing is kept, then permission_denied unless it is subscribed
  // to the channel. unrecoverable_position if `since` belongs to another epoch.
  void history(Subscriber& subscriber, std::string_view channel, HistoryQuery query,
               Handler<HistoryPage> done);
  void presence(Subscriber& subscriber, std::string_view channel,
                Handler<std::vector<ClientInfo>> done);
  void presence_stats(Subscriber& subscriber, std::string_view channel,
                      Handler<PresenceStats> done);

  // A new credential: a guest has logged in, channel_patterns have changed. `apply` changes what
  // identity() says (the session must stay). Personal channels follow, with a subscribe push;
  // subscriptions that the new rights do not permit end, with an unsubscribe push; pending ones are
  // looked at again.
  void change_identity(Subscriber& subscriber, UniqueFunction<void()> apply);

  // Expiry, here and in the broker. Once a second or so.
  void tick();

  // For a session to hold itself to the rule that it is not entered in the middle of an operation
  // of its hub.
  const NotReentrant& under_way() const;

  // --- to look at ---
  const HubStats& stats() const;
  std::size_t connections() const;
  std::size_t channels() const;       // with subscribers here, personal ones not counted
  std::size_t subscriptions() const;  // the same
  // Null: it has left.
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
