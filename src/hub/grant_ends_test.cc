#include "hub/grant_ends.h"

#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

using By = SubscriptionGrant::By;
using namespace std::chrono_literals;

std::string expired(const std::string& channel) {
  return R"({"push":{"channel":")" + channel +
         R"(","unsubscribe":{"code":2501,"reason":"subscription expired"}}})";
}

class GrantEndsTest : public testing::Test {
 protected:
  void subscribe(TestSubscriber& subscriber, std::string channel, SubscriptionGrant grant) {
    ASSERT_TRUE(cluster.subscribe(subscriber,
                                  SubscribeWish{.channel = std::move(channel), .grant = grant}));
  }
  void order(std::string channel, std::int64_t seconds) {
    cluster.order(SubscribeOrder{
        {.user = "ada"}, std::move(channel), {}, SubscriptionGrant{.expire_at = in(seconds)}});
    ada.take();
  }
  std::int64_t in(std::int64_t seconds) { return unix_seconds(cluster.wall_clock.now()) + seconds; }
  bool is_on(const char* channel) { return cluster.hub().is_subscribed(ada, channel); }

  HubCluster cluster{{.namespaces = {{.name = "asked", .subscribe = Audience::hook},
                                     {.name = "shown", .subscribe = Audience::token},
                                     {.name = "room", .subscribe = Audience::anyone},
                                     {.name = "orders"}}}};
  TestSubscriber ada{"s1", "ada", {"orders:*"}};
};

TEST_F(GrantEndsTest, ASubscriptionEndsWithItsGrantAndTheGrace) {
  cluster.join(ada);
  subscribe(ada, "asked:1", {.by = By::hook, .expire_at = in(10)});
  subscribe(ada, "shown:1", {.by = By::token, .expire_at = in(20)});
  subscribe(ada, "shown:2", {.by = By::token});
  cluster.pass(14s);
  EXPECT_EQ(ada.take(), Told{});
  cluster.pass(1s);
  EXPECT_EQ(ada.take(), Told{expired("asked:1")});
  EXPECT_FALSE(is_on("asked:1"));
  cluster.pass(10s);
  EXPECT_EQ(ada.take(), Told{expired("shown:1")});
  cluster.pass(1h);
  EXPECT_EQ(ada.take(), Told{});
  EXPECT_TRUE(is_on("shown:2"));
}

TEST_F(GrantEndsTest, ASubscriptionThatIsGoneIsNotToldAgain) {
  cluster.join(ada);
  subscribe(ada, "shown:1", {.by = By::token, .expire_at = in(10)});
  ASSERT_TRUE(cluster.hub().unsubscribe(ada, "shown:1"));
  cluster.pass(1h);
  EXPECT_EQ(ada.take(), Told{});
  subscribe(ada, "shown:1", {.by = By::token, .expire_at = in(10)});
  cluster.hub().leave(ada);
  cluster.pass(1h);
  EXPECT_EQ(ada.take(), Told{});
}

TEST_F(GrantEndsTest, TheBackendsSubscriptionOutlivesTheClientsToken) {
  cluster.join(ada);
  order("shown:1", 100);
  subscribe(ada, "shown:1", {.by = By::token, .expire_at = in(10)});
  cluster.pass(15s);
  EXPECT_EQ(ada.take(),
            (Told{expired("shown:1"), R"({"push":{"channel":"shown:1","subscribe":{}}})"}));
  EXPECT_TRUE(is_on("shown:1"));
  cluster.pass(90s);
  EXPECT_EQ(ada.take(), Told{expired("shown:1")}) << "its own end is still known";
}

TEST_F(GrantEndsTest, AClientWithARightOfItsOwnOutlivesTheBackendsGrant) {
  cluster.join(ada);
  order("room:1", 10);
  ASSERT_TRUE(cluster.subscribe(ada, "room:1"));
  order("shown:1", 10);
  order("room:2", 10);
  cluster.pass(15s);
  EXPECT_EQ(ada.take(), (Told{expired("shown:1"), expired("room:2")}));
  EXPECT_TRUE(is_on("room:1"));
}

TEST_F(GrantEndsTest, WhatWasGrantedToTheFormerUserIsOver) {
  ada.user = "";
  cluster.join(ada);
  subscribe(ada, "asked:1", {.by = By::hook});
  subscribe(ada, "shown:1", {.by = By::token});
  ASSERT_TRUE(cluster.subscribe(ada, "orders:1"));
  cluster.hub().change_identity(ada, [] {});
  EXPECT_EQ(ada.take(), Told{}) << "a new token of the same user changes nothing";
  cluster.hub().change_identity(ada, [&] { ada.user = "ada"; });
  cluster.mail.run_all();
  EXPECT_EQ(ada.take(), (Told{R"({"push":{"channel":"user:ada","subscribe":{}}})",
                              expired("asked:1"), expired("shown:1")}));
  EXPECT_TRUE(is_on("orders:1"));
}

TEST_F(GrantEndsTest, ATickEndsABoundedNumberAndTheNextOnesEndTheRest) {
  std::vector<std::unique_ptr<TestSubscriber>> many;
  const std::size_t count = GrantEnds::kEndedMax + 1;
  for (std::size_t i = 0; i < count; ++i) {
    many.push_back(std::make_unique<TestSubscriber>("s" + std::to_string(i + 2)));
    cluster.join(*many.back());
    subscribe(*many.back(), "shown:1", {.by = By::token, .expire_at = in(10)});
  }
  const auto left = [&] { return cluster.hub().subscriptions(); };
  cluster.pass(15s);
  EXPECT_EQ(left(), 1u);
  cluster.tick();
  EXPECT_EQ(left(), 0u);
}

}  // namespace
}  // namespace usher::hub
