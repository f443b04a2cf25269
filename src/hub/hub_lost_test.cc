// Deliveries may be missing: subscribers are told, and pending subscriptions are looked at again.
#include <gtest/gtest.h>

#include "support/hub_cluster.h"
#include "support/print_result.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;
using Told = std::vector<std::string>;

struct HubLostTest : testing::Test {
  HubCluster cluster{{.namespaces = {{.name = "live", .subscribe = Audience::anyone},
                                     {.name = "job", .subscribe = Audience::owner},
                                     {.name = "kept",
                                      .subscribe = Audience::anyone,
                                      .history_size = 5,
                                      .history_ttl = 1min,
                                      .recovery = true}}}};
};

TEST_F(HubLostTest, ClientsAreSentToSubscribeAgain) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"live:1"}, {"kept:1"}});
  for (const std::string channel : {"live:1", "kept:1"}) {
    cluster.hub().on_deliveries_lost(channel);
    EXPECT_EQ(one.take(), Told{R"({"push":{"channel":")" + channel +
                               R"(","unsubscribe":{"code":2500,"reason":"insufficient state"}}})"});
    EXPECT_TRUE(cluster.subscribe(one, channel)) << "it is not subscribed any more";
  }
  cluster.hub().on_deliveries_lost("live:nobody");
  EXPECT_EQ(one.take(), Told{});
}

TEST_F(HubLostTest, WhatTheServerSubscribedItSubscribesAgainAndSaysThatSomethingIsMissing) {
  TestSubscriber one("s1", "", {"live:1"});
  cluster.join(one);
  cluster.hub().on_deliveries_lost("live:1");
  const auto told = one.take();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[0].find(R"("code":2500)"), std::string::npos) << told[0];
  EXPECT_NE(told[1].find(R"("subscribe":{)"), std::string::npos) << told[1];
  EXPECT_NE(told[1].find(R"("was_recovering":true)"), std::string::npos) << told[1];
  EXPECT_EQ(told[1].find(R"("recovered":true)"), std::string::npos) << told[1];
  cluster.publish("live:1", "1");
  EXPECT_EQ(one.take().size(), 1u) << "it is live again";
}

TEST_F(HubLostTest, PersonalChannelsAreSaidToHaveBegunAgain) {
  TestSubscriber one("s1"), other("s2");
  cluster.join(one);
  cluster.join(other);
  cluster.hub().on_deliveries_lost("session:s1");
  EXPECT_EQ(one.take(),
            Told{R"({"push":{"channel":"session:s1","subscribe":{"was_recovering":true,)"
                 R"("gap":"epoch_changed"}}})"});
  EXPECT_EQ(other.take(), Told{});
  cluster.publish("session:s1", "1");
  EXPECT_EQ(one.take().size(), 1u);
}

TEST_F(HubLostTest, AClientThatIsBeingAnsweredIsToldAfterwards) {
  HubCluster two({.namespaces = {{.name = "kept",
                                  .subscribe = Audience::anyone,
                                  .history_size = 5,
                                  .history_ttl = 1min,
                                  .recovery = true}}},
                 2);
  for (std::uint64_t steps = 0; steps < 8; ++steps) {
    const std::string channel = "kept:" + std::to_string(steps);
    TestSubscriber one("s1");
    two.join(one, 0);
    std::optional<SubscribeOutcome> outcome;
    two.hub(0).subscribe(one, {channel}, [&](SubscribeOutcome told) { outcome = std::move(told); });
    for (std::uint64_t i = 0; i < steps; ++i) two.mail.run_one();
    const bool was_live = outcome.has_value();
    two.hub(0).on_deliveries_lost(channel);
    two.mail.run_all();
    ASSERT_TRUE(outcome && *outcome);
    const auto told = one.take();
    if (was_live) {
      EXPECT_EQ(told.size(), 1u) << steps;
    }
    // Either it asks after the loss, and gets everything, or it is told to ask again.
    const bool sent_away = !told.empty();
    EXPECT_EQ(two.hub(0).subscriptions(), sent_away ? 0u : 1u) << steps;
  }
}

TEST_F(HubLostTest, WhatIsPendingIsLookedAtAgain) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"job:1"}, {"job:2"}});
  // The hub is not told of this binding, as if it came while this node was cut off.
  struct DeafSink final : BrokerSink {
    void on_delivery(std::string_view, const Delivery&) override {}
    void on_bound(std::string_view, const Owner&) override {}
    void on_deliveries_lost(std::string_view) override {}
    void on_connection_limit(ClientId) override {}
    OrderAnswer on_order(const Order&) override { return {}; }
  } deaf;
  cluster.broker().attach(deaf);
  EXPECT_TRUE(cluster.bind("job:1", Owner{"s1", ""}));
  EXPECT_TRUE(cluster.bind("job:2", Owner{"other", ""}));
  cluster.broker().attach(cluster.hub());
  EXPECT_EQ(one.take(), Told{});
  cluster.hub().on_restored();
  const auto told = one.take();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[0].find(R"("job:1","subscribe")"), std::string::npos) << told[0];
  EXPECT_NE(told[1].find(R"("code":2100)"), std::string::npos) << told[1];
}

// A broker whose engine sometimes cannot be asked for owners.
class UnsureBroker final : public Broker {
 public:
  explicit UnsureBroker(Broker& below) : below_(below) {}

  bool knows_owners = true;
  std::size_t asked = 0;

  void owner(std::string_view channel, Handler<std::optional<Owner>> done) override {
    ++asked;
    if (!knows_owners) return done(Error::internal);
    below_.owner(channel, std::move(done));
  }

  void attach(BrokerSink& sink) override { below_.attach(sink); }
  void publish(PublishRequest request, Handler<Position> done) override {
    below_.publish(std::move(request), std::move(done));
  }
  void subscribe(std::string_view channel, Handler<void> done) override {
    below_.subscribe(channel, std::move(done));
  }
  void unsubscribe(std::string_view channel) override { below_.unsubscribe(channel); }
  void history(std::string_view channel, HistoryQuery query, Handler<HistoryPage> done) override {
    below_.history(channel, std::move(query), std::move(done));
  }
  void history_remove(std::string_view channel, Handler<void> done) override {
    below_.history_remove(channel, std::move(done));
  }
  void add_presence(std::string_view channel, ClientInfo who, Handler<void> done) override {
    below_.add_presence(channel, std::move(who), std::move(done));
  }
  void remove_presence(std::string_view channel, ClientInfo who) override {
    below_.remove_presence(channel, std::move(who));
  }
  void presence(std::string_view channel, Handler<std::vector<ClientInfo>> done) override {
    below_.presence(channel, std::move(done));
  }
  void presence_stats(std::string_view channel, Handler<PresenceStats> done) override {
    below_.presence_stats(channel, std::move(done));
  }
  void bind(std::string_view channel, Owner owner, Duration ttl, Handler<void> done) override {
    below_.bind(channel, std::move(owner), ttl, std::move(done));
  }
  void connected(ClientId client, std::string_view session, std::string_view user) override {
    below_.connected(client, session, user);
  }
  void disconnected(ClientId client, std::string_view session, std::string_view user) override {
    below_.disconnected(client, session, user);
  }
  void order_here(Order) override {}
  void order(Order order, Handler<OrderAnswer> done) override {
    below_.order(std::move(order), std::move(done));
  }
  void tick() override { below_.tick(); }

 private:
  Broker& below_;
};

TEST_F(HubLostTest, WhatIsPendingIsLookedAtAgainUntilTheEngineHasAnswered) {
  UnsureBroker unsure(cluster.broker());
  Hub hub({}, cluster.rules, unsure, cluster.clock, cluster.wall_clock, cluster.entropy);
  TestSubscriber one("s1");
  one.leave = [&] { hub.leave(one); };
  hub.join(one, {{"job:1"}}, [](const Joined&) {});
  const std::size_t asked = unsure.asked;
  unsure.knows_owners = false;
  hub.on_restored();
  EXPECT_EQ(unsure.asked, asked + 1);
  hub.tick();
  hub.tick();
  EXPECT_EQ(unsure.asked, asked + 3) << "once a tick";
  unsure.knows_owners = true;
  hub.tick();
  hub.tick();
  EXPECT_EQ(unsure.asked, asked + 4) << "an answer ends the asking";
  EXPECT_EQ(one.take(), Told{});
}

}  // namespace
}  // namespace usher::hub
