#include "hub/hub.h"

#include <gtest/gtest.h>

#include "support/hub_cluster.h"
#include "support/print_result.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;
using Told = std::vector<std::string>;

std::string publication(const std::string& channel, const std::string& data) {
  return R"({"push":{"channel":")" + channel + R"(","pub":{"data":)" + data + "}}}";
}

class HubTest : public testing::TestWithParam<std::size_t> {
 protected:
  Joined join(TestSubscriber& subscriber, std::size_t shard = 0,
              std::vector<SubscribeWish> wishes = {}) {
    return cluster.join(subscriber, shard % cluster.hubs.size(), std::move(wishes));
  }

  HubCluster cluster{
      {.namespaces = {{.name = "open", .subscribe = Audience::anyone, .publish = Audience::users},
                      {.name = "slow",
                       .subscribe = Audience::anyone,
                       .publish = Audience::anyone,
                       .publish_rate = {2, 1s}}}},
      GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Shards, HubTest, testing::Values(1, 3));

TEST_P(HubTest, APersonalMessageReachesEveryConnectionOfItsSessionAndNoOther) {
  TestSubscriber one("s1"), two("s1"), other("s2");
  join(one, 0);
  join(two, 1);
  join(other, 2);
  EXPECT_TRUE(cluster.publish("session:s1", R"({"n":1})"));
  EXPECT_EQ(one.told, Told{publication("session:s1", R"({"n":1})")});
  EXPECT_EQ(two.told, one.told);
  EXPECT_EQ(other.told, Told{});
}

TEST_P(HubTest, AUsersMessageReachesAllOfTheirSessions) {
  TestSubscriber one("s1", "ada"), two("s2", "ada"), guest("s3");
  join(one, 0);
  join(two, 1);
  join(guest, 2);
  EXPECT_TRUE(cluster.publish("user:ada", "1"));
  EXPECT_EQ(one.told.size(), 1u);
  EXPECT_EQ(two.told.size(), 1u);
  EXPECT_EQ(guest.told.size(), 0u);
}

TEST_P(HubTest, JoiningListsPersonalChannelsThenExactGrantsThenWishes) {
  TestSubscriber ada("s1", "ada", {"orders:42", "news:*", "user:bob", "open:1"});
  const Joined told =
      join(ada, 0, {{"news:1"}, {"open:1"}, {"secret:1"}, {"session:s2"}, {"user:ada"}});
  std::vector<std::string> channels;
  for (const JoinedChannel& one : told) channels.push_back(one.channel);
  EXPECT_EQ(channels, (std::vector<std::string>{"session:s1", "user:ada", "orders:42", "open:1",
                                                "news:1", "secret:1", "session:s2"}));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(told[i].outcome) << told[i].channel;
  EXPECT_EQ(told[5].outcome.error(), Error::permission_denied);
  EXPECT_EQ(told[6].outcome.error(), Error::permission_denied);
  EXPECT_EQ(cluster.hubs[0]->subscriptions(), 3u);
}

TEST_P(HubTest, EveryShardSeesOnePublicationOnce) {
  TestSubscriber one("s1"), two("s2"), three("s3");
  join(one, 0, {{"open:1"}});
  join(two, 1, {{"open:1"}});
  join(three, 2, {{"open:2"}});
  EXPECT_TRUE(cluster.publish("open:1", "true"));
  EXPECT_EQ(one.told, Told{publication("open:1", "true")});
  EXPECT_EQ(two.told, one.told);
  EXPECT_EQ(three.told, Told{});
}

TEST_P(HubTest, NothingIsDeliveredAfterUnsubscribeOrLeave) {
  TestSubscriber one("s1"), two("s2");
  join(one, 0, {{"open:1"}});
  join(two, 0, {{"open:1"}});
  EXPECT_TRUE(cluster.hub().unsubscribe(one, "open:1"));
  EXPECT_TRUE(cluster.hub().unsubscribe(one, "open:1"));
  cluster.hub().leave(two);
  cluster.hub().leave(two);
  EXPECT_TRUE(cluster.publish("open:1", "1"));
  EXPECT_TRUE(cluster.publish("session:s2", "1"));
  EXPECT_EQ(one.told, Told{});
  EXPECT_EQ(two.told, Told{});
  EXPECT_EQ(cluster.hubs[0]->channels(), 0u);
  EXPECT_EQ(cluster.hubs[0]->connections(), 1u);
}

TEST_P(HubTest, PersonalChannelsCannotBeLeft) {
  TestSubscriber one("s1");
  join(one);
  EXPECT_EQ(cluster.hub().unsubscribe(one, "session:s1").error(), Error::permission_denied);
  EXPECT_TRUE(cluster.subscribe(one, "session:s1"));
  EXPECT_EQ(cluster.subscribe(one, "session:s2").error(), Error::permission_denied);
  EXPECT_TRUE(cluster.publish("session:s1", "1"));
  EXPECT_EQ(one.told.size(), 1u);
}

TEST_P(HubTest, SubscribingTwiceIsAnErrorUnlessTheServerWasFirst) {
  TestSubscriber one("s1", "", {"orders:42"});
  join(one);
  EXPECT_TRUE(cluster.subscribe(one, "orders:42"));
  EXPECT_EQ(cluster.subscribe(one, "orders:42").error(), Error::already_subscribed);
  EXPECT_TRUE(cluster.subscribe(one, "open:1"));
  EXPECT_EQ(cluster.subscribe(one, "open:1").error(), Error::already_subscribed);
  EXPECT_TRUE(cluster.publish("orders:42", "1"));
  EXPECT_EQ(one.told.size(), 1u);
}

TEST_P(HubTest, PublishingNeedsTheRightAndNamesThePublisher) {
  TestSubscriber ada("s1", "ada"), guest("s2");
  join(ada, 0, {{"open:1"}});
  join(guest, 0);
  std::optional<Result<Position, Error>> answer;
  const auto keep = [&](Result<Position, Error> told) { answer = std::move(told); };
  cluster.hub().publish(guest, "open:1", "1", keep);
  cluster.mail.run_all();
  EXPECT_EQ(answer->error(), Error::permission_denied);
  cluster.hub().publish(ada, "nosuch:1", "1", keep);
  EXPECT_EQ(answer->error(), Error::permission_denied);
  cluster.hub().publish(ada, "open:\n", "1", keep);
  EXPECT_EQ(answer->error(), Error::bad_request);
  cluster.hub().publish(ada, "open:1", "1", keep);
  cluster.mail.run_all();
  EXPECT_EQ(*answer, Position{});
  EXPECT_EQ(ada.told, Told{publication("open:1", R"(1,"info":{"user":"ada","client":")" +
                                                     ada.client().text() + R"("})")});
}

TEST_P(HubTest, PublishRateIsABucketOfEachConnection) {
  TestSubscriber one("s1"), two("s2");
  join(one);
  join(two);
  const auto publish = [&](TestSubscriber& who) {
    std::optional<Result<Position, Error>> answer;
    cluster.hub().publish(who, "slow:1", "1", [&](auto told) { answer = std::move(told); });
    cluster.mail.run_all();
    return answer->has_value();
  };
  EXPECT_TRUE(publish(one));
  EXPECT_TRUE(publish(one));
  EXPECT_FALSE(publish(one));
  EXPECT_TRUE(publish(two));
  cluster.clock.advance(499ms);
  EXPECT_FALSE(publish(one));
  cluster.clock.advance(1ms);
  EXPECT_TRUE(publish(one));
  EXPECT_FALSE(publish(one));
}

// With several shards an answer may still be on its way.
class HubOnShardsTest : public HubTest {};
INSTANTIATE_TEST_SUITE_P(Three, HubOnShardsTest, testing::Values(3));

TEST_P(HubOnShardsTest, HandlersOfAConnectionThatLeftAreNeverCalled) {
  for (int i = 0; i < 20; ++i) {  // most of these channels live on another shard
    TestSubscriber one("s1", "ada");
    cluster.join(one, 0);
    bool called = false;
    cluster.hub().publish(one, "open:" + std::to_string(i), "1", [&](auto) { called = true; });
    const bool inline_answer = called;
    cluster.hub().leave(one);
    cluster.mail.run_all();
    EXPECT_EQ(called, inline_answer);
  }
}

TEST_P(HubTest, SwappedPlacesStillLeadToTheRightSubscription) {
  // Removing from the middle moves others; each must still be found.
  constexpr int kChannels = 12;
  std::vector<std::unique_ptr<TestSubscriber>> all;
  for (int i = 0; i < 12; ++i) {
    all.push_back(std::make_unique<TestSubscriber>("s" + std::to_string(i)));
    join(*all.back());
    for (int c = 0; c < kChannels; ++c) {
      EXPECT_TRUE(
          cluster.subscribe(*all.back(), "open:" + std::to_string((c * 5 + i) % kChannels)));
    }
  }
  std::mt19937_64 random(7);
  std::vector<std::vector<bool>> on(all.size(), std::vector<bool>(kChannels, true));
  for (int step = 0; step < 400; ++step) {
    const std::size_t who = random() % all.size();
    const std::size_t what = random() % kChannels;
    const std::string channel = "open:" + std::to_string(what);
    if (on[who][what]) {
      EXPECT_TRUE(cluster.hub().unsubscribe(*all[who], channel));
    } else {
      EXPECT_TRUE(cluster.subscribe(*all[who], channel));
    }
    on[who][what] = !on[who][what];
    EXPECT_TRUE(cluster.publish(channel, "1"));
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(all[i]->take().size(), on[i][what] ? 1u : 0u) << "step " << step;
    }
  }
}

TEST_P(HubTest, AGuestWhoLogsInGetsTheUsersMessagesOnTheLiveSocket) {
  TestSubscriber one("s1");
  join(one);
  EXPECT_TRUE(cluster.publish("user:ada", "1"));
  EXPECT_EQ(one.take(), Told{});
  cluster.hub().change_identity(one, [&] { one.user = "ada"; });
  cluster.mail.run_all();
  EXPECT_EQ(one.take(), Told{R"({"push":{"channel":"user:ada","subscribe":{}}})"});
  EXPECT_TRUE(cluster.publish("user:ada", "2"));
  EXPECT_TRUE(cluster.publish("session:s1", "3"));
  EXPECT_EQ(one.take(), (Told{publication("user:ada", "2"), publication("session:s1", "3")}));
  EXPECT_EQ(cluster.order(InfoQuery{}).info.users, 1u);
}

TEST_P(HubTest, SubscriptionsThatNewRightsDoNotPermitEnd) {
  TestSubscriber one("s1", "", {"news:*", "orders:1"});
  join(one, 0, {{"news:1"}});
  cluster.hub().change_identity(one, [&] { one.channel_patterns = {"sports:*"}; });
  cluster.mail.run_all();
  const auto lost = [](const std::string& channel) {
    return R"({"push":{"channel":")" + channel +
           R"(","unsubscribe":{"code":2102,"reason":"permission lost"}}})";
  };
  EXPECT_EQ(one.take(), (Told{lost("orders:1"), lost("news:1")}));
  EXPECT_TRUE(cluster.publish("news:1", "1"));
  EXPECT_TRUE(cluster.publish("orders:1", "1"));
  EXPECT_EQ(one.take(), Told{});
}

TEST(HubWithPersonalNamespace, ATunnelIsNotPresent) {
  HubCluster cluster{{.namespaces = {{.name = "session", .presence = true}}}, 1};
  TestSubscriber tunnel("s1"), client("s1");
  tunnel.is_for_messages = false;
  EXPECT_EQ(cluster.join(tunnel, 0).size(), 0u);
  EXPECT_EQ(cluster.join(client, 0).size(), 1u);
  std::size_t present = 0;
  cluster.hub().presence(client, "session:s1", [&](auto told) { present = told->size(); });
  EXPECT_EQ(present, 1u);
}

}  // namespace
}  // namespace usher::hub
