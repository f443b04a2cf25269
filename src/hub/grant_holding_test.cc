#include "hub/grant_holding.h"

#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

using By = SubscriptionGrant::By;

ChannelRulesOptions rules_of_grants() {
  return {.namespaces = {{.name = "asked",
                          .subscribe = Audience::hook,
                          .history_size = 5,
                          .history_ttl = std::chrono::minutes(1),
                          .recovery = true,
                          .presence = true,
                          .join_leave = true},
                         {.name = "shown", .subscribe = Audience::token, .presence = true},
                         {.name = "job", .subscribe = Audience::owner},
                         {.name = "closed", .subscribe = Audience::nobody},
                         {.name = "room", .subscribe = Audience::anyone, .presence = true},
                         {.name = "orders"}}};
}

class GrantHoldingTest : public testing::Test {
 protected:
  SubscribeOutcome subscribe(TestSubscriber& subscriber, std::string channel,
                             SubscriptionGrant grant) {
    return cluster.subscribe(subscriber,
                             SubscribeWish{.channel = std::move(channel), .grant = grant});
  }
  std::optional<Error> error_of(TestSubscriber& subscriber, std::string channel, By by) {
    const auto outcome = subscribe(subscriber, std::move(channel), {.by = by});
    return outcome ? std::nullopt : std::optional<Error>(outcome.error());
  }
  std::vector<ClientInfo> present(TestSubscriber& subscriber, const std::string& channel) {
    std::vector<ClientInfo> clients;
    cluster.hub().presence(subscriber, channel, [&](auto told) { clients = *told; });
    cluster.mail.run_all();
    return clients;
  }
  std::int64_t in(std::int64_t seconds) { return unix_seconds(cluster.wall_clock.now()) + seconds; }

  HubCluster cluster{rules_of_grants()};
  TestSubscriber ada{"s1", "ada", {"asked:*", "shown:*", "closed:*", "job:*"}};
  TestSubscriber bob{"s2", "bob"};
};

TEST_F(GrantHoldingTest, EachGrantOpensOnlyTheChannelsOfItsKind) {
  ada.can_ask = false;
  cluster.join(ada);
  const auto denied = Error::permission_denied;
  EXPECT_EQ(error_of(ada, "asked:1", By::token), denied);
  EXPECT_EQ(error_of(ada, "shown:1", By::hook), denied);
  EXPECT_EQ(error_of(ada, "orders:1", By::hook), denied);
  for (const By by : {By::hook, By::token}) {
    EXPECT_EQ(error_of(ada, "closed:1", by), denied);
    EXPECT_EQ(error_of(ada, "user:bob", by), denied);
    EXPECT_EQ(error_of(ada, "session:s2", by), denied);
    EXPECT_EQ(error_of(ada, "asked:", by), Error::bad_request);
  }
  for (const char* const channel : {"asked:1", "shown:1", "orders:1"}) {
    EXPECT_EQ(error_of(ada, channel, By::backend), denied) << channel;
  }
  EXPECT_EQ(error_of(ada, "asked:1", By::hook), std::nullopt);
  EXPECT_EQ(error_of(ada, "shown:1", By::token), std::nullopt);
  EXPECT_EQ(error_of(ada, "orders:1", By::token), std::nullopt);
}

TEST_F(GrantHoldingTest, AGrantDoesNotOverruleAnotherOwner) {
  cluster.join(ada);
  ASSERT_TRUE(cluster.bind("job:1", {.user = "bob"}));
  EXPECT_EQ(error_of(ada, "job:1", By::token), Error::permission_denied);
  EXPECT_EQ(error_of(ada, "job:1", By::hook), Error::permission_denied);
}

TEST_F(GrantHoldingTest, WhatIsGrantedStandsInTheResultAndWhereOthersSeeTheClient) {
  cluster.join(ada);
  cluster.join(bob);
  ASSERT_TRUE(subscribe(bob, "asked:1", {.by = By::hook}));
  bob.take();
  const auto told = subscribe(ada, "asked:1",
                              {.by = By::hook,
                               .info = R"({"seat":4})",
                               .data = "[1]",
                               .expire_at = in(60),
                               .publish = true});
  ASSERT_TRUE(told);
  EXPECT_EQ(told->grant.data, "[1]");
  EXPECT_FALSE(told->grant.expires);
  const std::string info =
      R"("info":{"user":"ada","client":")" + ada.client().text() + R"(","chan_info":{"seat":4}})";
  EXPECT_EQ(bob.take(), Told{R"({"push":{"channel":"asked:1","join":{)" + info + "}}}"});
  const auto clients = present(bob, "asked:1");
  ASSERT_EQ(clients.size(), 2u);
  EXPECT_EQ(clients[0].chan_info + clients[1].chan_info, R"({"seat":4})");

  cluster.hub().publish(ada, "asked:1", "1", [](auto position) { EXPECT_TRUE(position); });
  cluster.mail.run_all();
  EXPECT_EQ(bob.take(),
            Told{R"({"push":{"channel":"asked:1","pub":{"data":1,)" + info + R"(,"offset":1}}})"});
  ASSERT_TRUE(cluster.hub().unsubscribe(ada, "asked:1"));
  cluster.mail.run_all();
  EXPECT_EQ(bob.take(), Told{R"({"push":{"channel":"asked:1","leave":{)" + info + "}}}"});
}

TEST_F(GrantHoldingTest, OnlyAGrantThatSaysSoLetsTheClientPublish) {
  cluster.join(ada);
  ASSERT_TRUE(subscribe(ada, "asked:1", {.by = By::hook}));
  ASSERT_TRUE(subscribe(ada, "asked:2", {.by = By::hook, .publish = true}));
  const auto published = [&](const char* channel) {
    std::optional<Error> error;
    cluster.hub().publish(ada, channel, "1", [&](auto position) {
      if (!position) error = position.error();
    });
    cluster.mail.run_all();
    return error;
  };
  EXPECT_EQ(published("asked:1"), Error::permission_denied);
  EXPECT_EQ(published("asked:2"), std::nullopt);
  ASSERT_TRUE(cluster.hub().unsubscribe(ada, "asked:2"));
  EXPECT_EQ(published("asked:2"), Error::permission_denied);
}

TEST_F(GrantHoldingTest, WhoIsSubscribedByATokenMayLookAtThePresence) {
  cluster.join(ada);
  cluster.join(bob);
  ASSERT_TRUE(subscribe(ada, "shown:1", {.by = By::token}));
  EXPECT_EQ(present(ada, "shown:1").size(), 1u);
  std::optional<Error> error;
  cluster.hub().presence(bob, "shown:1", [&](auto told) { error = told.error(); });
  EXPECT_EQ(error, Error::permission_denied);
}

TEST_F(GrantHoldingTest, TheBackendsGrantTravelsWithItsOrder) {
  cluster.join(ada);
  const SubscriptionGrant grant{.by = By::token,  // an order's grant is the backend's in any case
                                .info = "7",
                                .data = R"({"a":1})",
                                .expire_at = in(60)};
  EXPECT_EQ(cluster.order(SubscribeOrder{{.user = "ada"}, "room:1", {}, grant}).refused,
            std::nullopt);
  EXPECT_EQ(ada.take(), Told{R"({"push":{"channel":"room:1","subscribe":{"data":{"a":1}}}})"});
  EXPECT_EQ(present(ada, "room:1").at(0).chan_info, "7");
  cluster.order(SubscribeOrder{{.user = "ada"}, "room:1", {}, SubscriptionGrant{.info = "8"}});
  EXPECT_EQ(present(ada, "room:1").at(0).chan_info, "8");
  EXPECT_EQ(ada.take(), Told{});
  const SubscriptionGrant late{.expire_at = in(0)};
  EXPECT_EQ(cluster.order(SubscribeOrder{{.user = "ada"}, "room:2", {}, late}).refused,
            Error::expired);
  EXPECT_EQ(cluster.order(SubscribeOrder{{.user = "ada"}, "room:1", {}, late}).refused,
            Error::expired);
}

}  // namespace
}  // namespace usher::hub
