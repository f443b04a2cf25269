#include "hub/decisions.h"

#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

using By = SubscriptionGrant::By;

class DecisionsTest : public testing::Test {
 protected:
  // Begins to subscribe; the outcome is in `outcome` when it is known.
  void subscribe(std::string channel, Shown shown = {}) {
    outcome.reset();
    cluster.hub().subscribe(ada, {.channel = std::move(channel), .shown = std::move(shown)},
                            [this](SubscribeOutcome told) { outcome = std::move(told); });
    cluster.mail.run_all();
  }
  void decide(SubscribeDecision decision, std::size_t which = 0) {
    cluster.hub().decide(ada.questions.at(which), std::move(decision));
    cluster.mail.run_all();
  }
  std::optional<Error> error() {
    if (!outcome || *outcome) return std::nullopt;
    return outcome->error();
  }
  bool is_on(const char* channel) { return cluster.hub().is_subscribed(ada, channel); }
  void order(const char* channel) {
    cluster.order(SubscribeOrder{{.session = "s1"}, channel, {}});
    ada.take();
  }

  HubCluster cluster{{.namespaces = {{.name = "asked", .subscribe = Audience::hook},
                                     {.name = "shown", .subscribe = Audience::token},
                                     {.name = "room", .subscribe = Audience::anyone},
                                     {.name = "job", .subscribe = Audience::owner},
                                     {.name = "closed", .subscribe = Audience::nobody},
                                     {.name = "members", .subscribe = Audience::users},
                                     {.name = "orders"}}},
                     1,
                     1,
                     {.channels_per_connection = 3}};
  TestSubscriber ada{"s1", "ada", {"orders:*"}};
  std::optional<SubscribeOutcome> outcome;
};

TEST_F(DecisionsTest, TheRulesSayWhoIsAsked) {
  const Identity guest{.session = "s1"};
  const auto decider = [&](const char* channel, bool shows_token, GrantedBy granted = {}) {
    return decider_of(cluster.rules, guest, channel, shows_token, granted);
  };
  EXPECT_EQ(decider("asked:1", false), Decider::hook);
  EXPECT_EQ(decider("asked:1", false, {.hook = true}), Decider::none);
  EXPECT_EQ(decider("shown:1", false), Decider::none);
  for (const char* const channel : {"shown:1", "orders:1", "room:1", "members:1"}) {
    EXPECT_EQ(decider(channel, true), Decider::token) << channel;
    EXPECT_EQ(decider(channel, true, {.token = true}), Decider::none) << channel;
  }
  for (const char* const channel : {"asked:1", "job:1", "closed:1", "session:s1", "user:ada"}) {
    EXPECT_EQ(decider(channel, true), Decider::refused) << channel;
  }
  EXPECT_EQ(decider("asked:", true), Decider::none) << "malformed: the rules refuse it";
}

TEST_F(DecisionsTest, ASubscriptionWaitsForItsDecisionAndCounts) {
  cluster.join(ada);
  subscribe("asked:1", {.data = "[1]"});
  ASSERT_EQ(ada.questions.size(), 1u);
  EXPECT_EQ(ada.questions[0].channel, "asked:1");
  EXPECT_EQ(ada.questions[0].data, "[1]");
  EXPECT_EQ(outcome, std::nullopt);
  EXPECT_FALSE(is_on("asked:1"));
  ASSERT_TRUE(cluster.publish("asked:1", "1"));
  EXPECT_EQ(ada.take(), Told{}) << "nothing is kept for a client that may not be let in";
  subscribe("room:1");
  subscribe("room:2");
  subscribe("room:3");
  EXPECT_EQ(error(), Error::limit_exceeded);
  decide(SubscriptionGrant{.by = By::hook});
  EXPECT_TRUE(is_on("asked:1"));
}

TEST_F(DecisionsTest, ADecisionOfAnotherKindOpensNothing) {
  cluster.join(ada);
  subscribe("asked:1");
  decide(SubscriptionGrant{.by = By::token});
  EXPECT_EQ(error(), Error::permission_denied);
  subscribe("shown:1", {.token = "t"});
  decide(SubscriptionGrant{.by = By::hook}, 1);
  EXPECT_EQ(error(), Error::permission_denied);
  subscribe("shown:1", {.token = "t"});
  decide(SubscriptionGrant{.by = By::token, .expire_at = unix_seconds(cluster.wall_clock.now())},
         2);
  EXPECT_EQ(error(), Error::expired);
  EXPECT_EQ(cluster.hub().subscriptions(), 0u);
}

TEST_F(DecisionsTest, ADecisionIsTakenOnce) {
  cluster.join(ada);
  subscribe("asked:1");
  decide(SubscribeError(Error::permission_denied));
  decide(SubscriptionGrant{.by = By::hook});
  EXPECT_FALSE(is_on("asked:1"));
  subscribe("asked:1");
  decide(SubscriptionGrant{.by = By::hook}, 1);
  decide(SubscribeError(Error::permission_denied), 1);
  EXPECT_TRUE(is_on("asked:1"));
}

TEST_F(DecisionsTest, ASubscriberThatCannotAskIsRefused) {
  ada.can_ask = false;
  cluster.join(ada);
  subscribe("asked:1");
  EXPECT_EQ(error(), Error::permission_denied);
}

TEST_F(DecisionsTest, ATokenIsCheckedWhateverElseOpensTheChannel) {
  cluster.join(ada);
  for (const char* const channel : {"room:1", "orders:1"}) {
    subscribe(channel, {.token = "forged"});
    decide(SubscribeError(Error::permission_denied), ada.questions.size() - 1);
    EXPECT_EQ(error(), Error::permission_denied);
    EXPECT_FALSE(is_on(channel));
  }
  order("room:1");
  subscribe("room:1", {.token = "forged"});
  decide(SubscribeError(Error::permission_denied), 2);
  EXPECT_EQ(error(), Error::permission_denied);
  EXPECT_TRUE(is_on("room:1")) << "the backend's subscription is not the client's to lose";
  subscribe("room:1", {.token = "good"});
  decide(SubscriptionGrant{.by = By::token, .data = "7"}, 3);
  EXPECT_EQ((*outcome)->grant.data, "7");
}

TEST_F(DecisionsTest, ADecisionAboutALiveSubscriptionThatIsGoneOpensNothing) {
  cluster.join(ada);
  order("shown:1");
  subscribe("shown:1", {.token = "good"});
  ASSERT_TRUE(cluster.hub().unsubscribe(ada, "shown:1"));
  decide(SubscriptionGrant{.by = By::token});
  EXPECT_FALSE(is_on("shown:1"));
  order("shown:2");
  subscribe("shown:2", {.token = "good"});
  cluster.hub().change_identity(ada, [&] { ada.user = "bob"; });
  decide(SubscriptionGrant{.by = By::token}, 1);
  EXPECT_EQ(error(), Error::internal) << "it was asked for another user";
}

TEST_F(DecisionsTest, ARefusedClientLeavesTheBackendsSubscriptionWhosePlaceItTook) {
  // As on an engine that takes its time: the order comes first, and is not live yet.
  ada.channel_patterns = {"asked:1"};
  std::optional<Joined> joined;
  cluster.hub().join(ada, {}, [&](Joined told) { joined = std::move(told); });
  cluster.mail.run_all();
  ada.leave = [this] { cluster.hub().leave(ada); };
  ASSERT_EQ(ada.questions.size(), 1u) << "the exact entry of its token is asked for";
  EXPECT_EQ(joined, std::nullopt);
  cluster.hub().on_order(SubscribeOrder{.target = {.session = "s1"}, .channel = "asked:1"});
  decide(SubscribeError(Error::permission_denied));
  ASSERT_TRUE(joined);
  EXPECT_TRUE(is_on("asked:1"));
}

TEST_F(DecisionsTest, ARefusedTokenDoesNotCostWhatTheConnectionTokenOpens) {
  ada.channel_patterns = {"orders:7"};
  std::optional<Joined> joined;
  cluster.hub().join(ada, {{.channel = "orders:7", .shown = {.token = "stale"}}},
                     [&](Joined told) { joined = std::move(told); });
  cluster.mail.run_all();
  ada.leave = [this] { cluster.hub().leave(ada); };
  ASSERT_EQ(ada.questions.size(), 1u);
  decide(SubscribeError(Error::permission_denied));
  ASSERT_TRUE(joined);
  EXPECT_TRUE(is_on("orders:7"));
}

TEST_F(DecisionsTest, AnotherUserIsAskedForAgain) {
  cluster.join(ada);
  subscribe("asked:1");
  cluster.hub().change_identity(ada, [] {});
  EXPECT_EQ(ada.questions.size(), 1u);
  cluster.hub().change_identity(ada, [&] { ada.user = "bob"; });
  ASSERT_EQ(ada.questions.size(), 2u);
  decide(SubscriptionGrant{.by = By::hook}, 0);
  EXPECT_FALSE(is_on("asked:1"));
  decide(SubscriptionGrant{.by = By::hook}, 1);
  EXPECT_TRUE(is_on("asked:1"));
}

TEST_F(DecisionsTest, WhoeverLeavesIsForgotten) {
  cluster.join(ada);
  subscribe("asked:1");
  cluster.hub().leave(ada);
  decide(SubscriptionGrant{.by = By::hook});
  EXPECT_EQ(cluster.hub().subscriptions(), 0u);
  EXPECT_EQ(outcome, std::nullopt);
}

}  // namespace
}  // namespace usher::hub
