// Subscriptions that lose their holders: by a refresh with other rights, and after deliveries were
// lost.
#include <gtest/gtest.h>

#include "support/hub_cluster.h"
#include "support/print_result.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;
using Told = std::vector<std::string>;
using Strings = std::vector<std::string>;

std::string ended(const std::string& channel, const std::string& why) {
  return R"({"push":{"channel":")" + channel + R"(","unsubscribe":{"code":)" + why + "}}}";
}
const std::string kRights = R"(2102,"reason":"permission lost")";
const std::string kLost = R"(2500,"reason":"insufficient state")";

class RightsReviewTest : public testing::TestWithParam<std::size_t> {
 protected:
  void refresh(TestSubscriber& one, Strings channel_patterns, std::string user = "") {
    cluster.hub().change_identity(one, [&] {
      one.channel_patterns = std::move(channel_patterns);
      one.user = std::move(user);
    });
    cluster.mail.run_all();
  }
  void order(const std::string& channel) {
    cluster.order(SubscribeOrder{.target = {.session = "s1"}, .channel = channel});
  }
  bool is_live(TestSubscriber& one, const std::string& channel) {
    one.take();
    EXPECT_TRUE(cluster.publish(channel, "1"));
    return one.take().size() == 1;
  }

  HubCluster cluster{
      {.namespaces = {{.name = "orders"},
                      {.name = "kept", .history_size = 5, .history_ttl = 1min, .recovery = true},
                      {.name = "open", .subscribe = Audience::anyone},
                      {.name = "members", .subscribe = Audience::users},
                      {.name = "job", .subscribe = Audience::owner},
                      {.name = "session", .history_size = 5, .history_ttl = 1min, .recovery = true},
                      {.name = "user", .history_size = 5, .history_ttl = 1min, .recovery = true}}},
      GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Shards, RightsReviewTest, testing::Values(1, 3));

TEST_P(RightsReviewTest, WhatTheTokenSubscribedEndsWhenTheTokenNamesItNoMore) {
  TestSubscriber one("s1", "", {"orders:1", "kept:1", "open:1", "orders:2"});
  cluster.join(one);
  refresh(one, {"orders:2"});
  EXPECT_EQ(one.take(),
            (Told{ended("orders:1", kRights), ended("kept:1", kRights), ended("open:1", kRights)}));
  for (const char* channel : {"orders:1", "kept:1", "open:1"}) {
    EXPECT_FALSE(is_live(one, channel)) << channel;
  }
  EXPECT_TRUE(is_live(one, "orders:2"));
}

TEST_P(RightsReviewTest, TheClientsOwnRightsHoldWhatItSubscribedToo) {
  TestSubscriber one("s1", "", {"orders:1", "open:1", "open:2"});
  cluster.join(one, 0, {{"open:2"}});
  EXPECT_TRUE(cluster.subscribe(one, "orders:1"));
  EXPECT_TRUE(cluster.subscribe(one, "open:1"));
  refresh(one, {});
  EXPECT_EQ(one.take(), Told{ended("orders:1", kRights)});
  EXPECT_TRUE(is_live(one, "open:1"));
  EXPECT_TRUE(is_live(one, "open:2")) << "wished at the start";
  EXPECT_TRUE(cluster.subscribe(one, "open:2")) << "and a command for it is the first";
  EXPECT_EQ(cluster.subscribe(one, "open:2").error(), Error::already_subscribed);
}

TEST_P(RightsReviewTest, APatternHoldsForTheClientButNotForTheToken) {
  TestSubscriber one("s1", "", {"orders:1", "orders:2"});
  cluster.join(one, 0, {{"orders:2"}});
  refresh(one, {"orders:*"});
  EXPECT_EQ(one.take(), Told{ended("orders:1", kRights)});
  EXPECT_TRUE(is_live(one, "orders:2"));
}

TEST_P(RightsReviewTest, TheBackendsOrderHoldsWhateverTheTokenSays) {
  TestSubscriber one("s1", "", {"orders:1"});
  cluster.join(one);
  order("orders:1");
  order("orders:2");
  one.take();
  refresh(one, {});
  EXPECT_EQ(one.take(), Told{});
  EXPECT_TRUE(is_live(one, "orders:1"));
  EXPECT_TRUE(is_live(one, "orders:2"));
}

TEST_P(RightsReviewTest, UnsubscribingEndsItWhoeverHoldsIt) {
  TestSubscriber one("s1", "", {"orders:1"});
  cluster.join(one);
  order("orders:1");
  EXPECT_TRUE(cluster.hub().unsubscribe(one, "orders:1"));
  cluster.mail.run_all();
  EXPECT_FALSE(is_live(one, "orders:1"));
}

TEST_P(RightsReviewTest, WhatTheServerSubscribedInTheMidstOfAJoinIsHeldLikewise) {
  TestSubscriber one("s1", "", {"kept:1"});
  one.leave = [&] { cluster.hub().leave(one); };
  std::optional<Joined> joined;
  cluster.hub().join(one, {}, [&](Joined told) { joined = std::move(told); });
  cluster.hub().on_order(SubscribeOrder{.target = {.session = "s1"}, .channel = "kept:1"});
  cluster.hub().on_order(SubscribeOrder{.target = {.session = "s1"}, .channel = "kept:2"});
  cluster.mail.run_all();
  ASSERT_TRUE(joined);
  refresh(one, {});
  EXPECT_TRUE(is_live(one, "kept:1"));
  EXPECT_TRUE(is_live(one, "kept:2"));
}

TEST_P(RightsReviewTest, APendingOneEndsWithTheTokenThatAskedForIt) {
  TestSubscriber one("s1", "", {"job:1"});
  cluster.join(one);
  refresh(one, {});
  EXPECT_EQ(one.take(), Told{ended("job:1", kRights)});
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  EXPECT_EQ(one.take(), Told{});
}

TEST_P(RightsReviewTest, AnUnansweredOneIsRefusedInTheAnswer) {
  TestSubscriber one("s1", "ada");
  cluster.join(one);
  std::optional<SubscribeOutcome> outcome;
  std::vector<std::string> names;
  for (int i = 0; i < 8; ++i) names.push_back("kept:" + std::to_string(i));
  one.channel_patterns = names;
  std::size_t refused = 0;
  for (const std::string& name : names) {
    cluster.hub().subscribe(one, {name}, [&](const SubscribeOutcome& told) {
      refused += !told && told.error() == Error::permission_denied ? 1 : 0;
    });
  }
  cluster.hub().change_identity(one, [&] { one.channel_patterns = {}; });
  cluster.mail.run_all();
  // Those at home here were live already, and are told by a push.
  EXPECT_EQ(refused + one.take().size(), names.size());
  for (const std::string& name : names) EXPECT_FALSE(is_live(one, name)) << name;
}

TEST_P(RightsReviewTest, AnotherUserKeepsNothingOfTheLastOnes) {
  TestSubscriber one("s1", "ada", {"orders:1"});
  cluster.join(one, 0, {{"members:1"}});
  EXPECT_TRUE(cluster.bind("job:1", {.session = "", .user = "ada"}));
  EXPECT_TRUE(cluster.bind("job:2", {.session = "s1", .user = ""}));
  EXPECT_TRUE(cluster.subscribe(one, "job:1"));
  EXPECT_TRUE(cluster.subscribe(one, "job:2"));
  EXPECT_TRUE(is_live(one, "user:ada"));
  refresh(one, {}, "bob");
  EXPECT_FALSE(is_live(one, "user:ada"));
  EXPECT_FALSE(is_live(one, "orders:1"));
  EXPECT_FALSE(is_live(one, "job:1"));
  EXPECT_TRUE(is_live(one, "job:2"));
  EXPECT_TRUE(is_live(one, "members:1"));
  EXPECT_TRUE(is_live(one, "user:bob"));
  EXPECT_TRUE(is_live(one, "session:s1"));
  refresh(one, {});
  EXPECT_FALSE(is_live(one, "members:1"));
}

TEST_P(RightsReviewTest, AfterALossWhatTheTokenSubscribedComesBackByTheTokensRights) {
  TestSubscriber one("s1", "", {"orders:1", "kept:1", "orders:2"});
  cluster.join(one);
  one.channel_patterns = {"orders:2"};  // as if the refresh were still on its way
  for (const char* channel : {"orders:1", "kept:1", "orders:2"}) {
    cluster.hub().on_deliveries_lost(channel);
    cluster.mail.run_all();
  }
  EXPECT_FALSE(is_live(one, "orders:1"));
  EXPECT_FALSE(is_live(one, "kept:1"));
  EXPECT_TRUE(is_live(one, "orders:2"));
  refresh(one, {});
  EXPECT_FALSE(is_live(one, "orders:2")) << "it is still the token's";
}

TEST_P(RightsReviewTest, AfterALossEveryHolderButTheClientIsRenewed) {
  TestSubscriber one("s1", "", {"orders:1"});
  cluster.join(one);
  EXPECT_TRUE(cluster.subscribe(one, "orders:1"));
  order("orders:1");
  one.take();
  cluster.hub().on_deliveries_lost("orders:1");
  cluster.mail.run_all();
  const auto told = one.take();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0], ended("orders:1", kLost));
  EXPECT_NE(told[1].find(R"("subscribe":{)"), std::string::npos) << told[1];
  EXPECT_TRUE(cluster.subscribe(one, "orders:1")) << "the client subscribes again by itself";
  refresh(one, {});
  EXPECT_TRUE(is_live(one, "orders:1")) << "the backend's order holds";
}

TEST_P(RightsReviewTest, ALossInTheMidstOfAnOrderIsMadeGood) {
  TestSubscriber one("s1");
  cluster.join(one);
  for (std::size_t steps = 0; steps < 8; ++steps) {
    const std::string channel = "kept:" + std::to_string(steps);
    std::optional<OrderAnswer> answer;
    cluster.broker().order(SubscribeOrder{.target = {.session = "s1"}, .channel = channel},
                           [&](auto told) { answer = *told; });
    for (std::size_t i = 0; i < steps; ++i) cluster.mail.run_one();
    cluster.hub().on_deliveries_lost(channel);
    cluster.mail.run_all();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(is_live(one, channel)) << channel;
  }
}

TEST_P(RightsReviewTest, PersonalChannelsWithAHistoryStayThroughARefreshAndALoss) {
  TestSubscriber one("s1", "ada");
  cluster.join(one);
  refresh(one, {}, "ada");
  cluster.hub().on_deliveries_lost("user:ada");
  cluster.mail.run_all();
  EXPECT_TRUE(is_live(one, "user:ada"));
  EXPECT_TRUE(is_live(one, "session:s1"));
  refresh(one, {}, "ada");
  EXPECT_TRUE(is_live(one, "user:ada"));
}

TEST_P(RightsReviewTest, AWishForSomePublicationsOnlyIsRefusedAndCostsItself) {
  TestSubscriber one("s1", "", {"orders:1"});
  std::vector<SubscribeWish> wishes;
  wishes.push_back({.channel = "open:1", .filtered = true});
  wishes.push_back({.channel = "orders:1", .filtered = true});
  wishes.push_back({.channel = "open:2"});
  const Joined joined = cluster.join(one, 0, wishes);
  for (const JoinedChannel& each : joined) {
    const bool filtered = each.channel == "open:1" || each.channel == "orders:1";
    EXPECT_EQ(!each.outcome, filtered) << each.channel;
    if (!each.outcome) {
      EXPECT_EQ(each.outcome.error(), Error::bad_request);
    }
  }
  EXPECT_FALSE(is_live(one, "open:1"));
  EXPECT_FALSE(is_live(one, "orders:1"));
  EXPECT_TRUE(is_live(one, "open:2"));
}

}  // namespace
}  // namespace usher::hub
