// The parts of a hub, on a broker that the test controls: for tests of one part alone.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hub/decisions.h"
#include "hub/endings.h"
#include "hub/grant_ends.h"
#include "hub/local_channels.h"
#include "hub/orders.h"
#include "hub/owner_lookup.h"
#include "hub/owner_waits.h"
#include "hub/personal_channels.h"
#include "hub/position_lookup.h"
#include "hub/requests.h"
#include "hub/subscribe_operations.h"
#include "hub/subscriber_index.h"
#include "hub/subscribing.h"
#include "support/hub_cluster.h"
#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"
#include "support/print_result.h"
#include "support/seeded_entropy.h"

namespace usher::hub {

// Writes down its calls (`subscribe news:1`), and answers at once with the test's values.
class NotedBroker final : public Broker {
 public:
  std::optional<Error> error;  // of subscribe()
  bool answers = true;         // false: subscribe() is answered by answer()
  std::optional<Owner> bound_to;
  HistoryPage page;
  std::vector<PublishRequest> published;

  std::vector<std::string> take() { return std::exchange(calls_, {}); }
  void answer() {
    for (auto& done : std::exchange(waiting_, {})) done({});
  }

  void attach(BrokerSink&) override {}
  void publish(PublishRequest request, Handler<Position> done) override {
    note("publish", request.channel);
    published.push_back(std::move(request));
    done(Position{});
  }
  void subscribe(std::string_view channel, Handler<void> done) override {
    note("subscribe", channel);
    if (!answers) return waiting_.push_back(std::move(done));
    if (error) return done(*error);
    done({});
  }
  void unsubscribe(std::string_view channel) override { note("unsubscribe", channel); }
  void history(std::string_view channel, HistoryQuery, Handler<HistoryPage> done) override {
    note("history", channel);
    done(page);
  }
  void history_remove(std::string_view, Handler<void> done) override { done({}); }
  void add_presence(std::string_view channel, ClientInfo, Handler<void> done) override {
    note("add_presence", channel);
    done({});
  }
  void remove_presence(std::string_view channel, ClientInfo) override {
    note("remove_presence", channel);
  }
  void presence(std::string_view channel, Handler<std::vector<ClientInfo>> done) override {
    note("presence", channel);
    done(std::vector<ClientInfo>{});
  }
  void presence_stats(std::string_view channel, Handler<PresenceStats> done) override {
    note("presence_stats", channel);
    done(PresenceStats{});
  }
  void bind(std::string_view, Owner, Duration, Handler<void> done) override { done({}); }
  void owner(std::string_view channel, Handler<std::optional<Owner>> done) override {
    note("owner", channel);
    done(bound_to);
  }
  void connected(ClientId, std::string_view session, std::string_view user) override {
    note("connected", std::string(session) + "/" + std::string(user));
  }
  void disconnected(ClientId, std::string_view session, std::string_view user) override {
    note("disconnected", std::string(session) + "/" + std::string(user));
  }
  void order_here(Order) override {}
  void order(Order, Handler<OrderAnswer> done) override { done(OrderAnswer{}); }
  void tick() override {}

 private:
  void note(std::string_view call, std::string_view channel) {
    calls_.push_back(std::string(call) + " " + std::string(channel));
  }

  std::vector<std::string> calls_;
  std::vector<Handler<void>> waiting_;
};

class PartsTest : public testing::Test {
 protected:
  using Told = std::vector<std::string>;
  using Calls = std::vector<std::string>;

  // As at the end of a join().
  void join(test::TestSubscriber& subscriber) {
    hub_side(subscriber).client = ClientId::random(entropy);
    hub_side(subscriber).stage = HubSide::Stage::live;
    index.add(subscriber);
    subscriber.leave = [this, &subscriber] { leave(subscriber); };
  }
  // As at the end of the subscriber's life.
  void leave(test::TestSubscriber& subscriber) {
    operations.forget(subscriber.client());
    auto& state = hub_side(subscriber).state;
    while (state != nullptr && !state->subscriptions.empty()) {
      endings.end(subscriber, state->subscriptions.back());
    }
    state.reset();
    index.remove(subscriber);
  }
  // Null: it has none.
  Subscription* subscription(test::TestSubscriber& subscriber, std::string_view channel) {
    return channels.subscription(subscriber, channel);
  }
  // Returns the outcome if it is known at once.
  std::optional<SubscribeOutcome> subscribe(test::TestSubscriber& subscriber, std::string channel) {
    std::vector<Subscribing::Request> wanted;
    wanted.push_back({.channel = std::move(channel)});
    outcome.reset();
    subscribing.begin(subscriber, std::move(wanted),
                      [this](Joined told) { outcome = std::move(told.front().outcome); });
    return outcome;
  }

  const HubOptions options{.channels_listed_max = 2};
  const ChannelRules rules{
      {.namespaces = {{.name = "open", .subscribe = Audience::anyone},
                      {.name = "room", .subscribe = Audience::anyone, .presence = true},
                      {.name = "job", .subscribe = Audience::owner, .publish = Audience::owner},
                      {.name = "rated",
                       .subscribe = Audience::anyone,
                       .publish = Audience::anyone,
                       .publish_rate = {2, std::chrono::seconds(2)}}}}};
  test::ManualClock clock;
  test::SeededEntropy entropy;
  NotedBroker broker;
  HubStats stats;
  SubscriberIndex index{entropy};
  LocalChannels channels{SipKey::random(entropy)};
  SubscribeOperations operations{options.recovery_bytes_max};
  OwnerWaits waits{options};
  test::ManualWallClock wall_clock;
  GrantTable grant_table{clock, wall_clock};
  GrantHolding holding{grant_table, broker};
  Endings endings{{channels, broker, operations, waits}};
  PositionLookup positions{{options, channels, broker, operations, endings, stats}};
  OwnerLookup owners{{options, clock, channels, broker, operations, waits, endings, positions}};
  Decisions decisions{{rules, channels, operations, endings, positions, holding}};
  Subscribing subscribing{{options, rules, broker, index, channels, operations, endings, positions,
                           owners, holding, decisions, stats}};
  GrantEnds grant_ends{{rules, broker, channels, grant_table, endings, subscribing}};
  PersonalChannels personal{{rules, broker, index, channels, endings, subscribing, stats}};
  Requests requests{{options, rules, clock, broker, index, channels, personal}};
  Orders orders{{index, channels, endings, subscribing, options.channels_listed_max}};
  std::optional<SubscribeOutcome> outcome;
};

}  // namespace usher::hub
