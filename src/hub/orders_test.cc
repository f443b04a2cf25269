// Orders of backends for connections on any shard.
#include "hub/orders.h"

#include <gtest/gtest.h>

#include "hub/parts_fixture.h"
#include "support/hub_cluster.h"
#include "support/print_result.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;
using Told = std::vector<std::string>;

class OrdersTest : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    one.jti = "j1";
    cluster.join(one, 0, {{"open:1"}});
    cluster.join(two, 1 % GetParam(), {{"open:1"}, {"open:2"}});
    cluster.join(guest, 2 % GetParam());
  }

  HubCluster cluster{{.namespaces = {{.name = "open", .subscribe = Audience::anyone},
                                     {.name = "news",
                                      .history_size = 5,
                                      .history_ttl = std::chrono::minutes(1),
                                      .recovery = true}}},
                     GetParam()};
  TestSubscriber one{"s1", "ada"};
  TestSubscriber two{"s2", "ada"};
  TestSubscriber guest{"s3"};
};

INSTANTIATE_TEST_SUITE_P(Shards, OrdersTest, testing::Values(1, 3));

TEST_P(OrdersTest, DisconnectEndsTheConnectionsThatTheTargetNames) {
  EXPECT_EQ(
      cluster.order(DisconnectOrder{.target = {.user = "ada"}, .code = 4500, .reason = "BANNED"})
          .connections,
      2u);
  const std::pair<std::uint16_t, std::string> banned{4500, "BANNED"};
  EXPECT_EQ(one.closed, banned);
  EXPECT_EQ(two.closed, banned);
  EXPECT_EQ(guest.closed, std::nullopt);
}

std::vector<std::string> sessions_of(const OrderAnswer& answer) {
  std::vector<std::string> sessions;
  for (const LiveConnection& each : answer.live) sessions.push_back(each.session);
  return sessions;
}

TEST_P(OrdersTest, ATargetIsFoundByTheProvidersSessionThatItHasOrHad) {
  one.sid = "idp\n1";
  two.sid = "idp\n2";
  two.earlier_sids = {"idp\n1"};
  const auto count = [&](Target target) {
    return cluster.order(DisconnectOrder{.target = std::move(target)}).connections;
  };
  EXPECT_EQ(count({.sid = "idp\n1"}), 2u);
  EXPECT_EQ(count({.sid = "idp\n2"}), 1u);
  EXPECT_EQ(count({.sid = "other\n2"}), 0u);
  EXPECT_EQ(count({.session = "s3", .sid = "idp\n1"}), 0u);
}

TEST_P(OrdersTest, ASessionsQueryListsTheLiveConnectionsThatTheTargetNames) {
  one.connected_by = ConnectionFacts{WallTime(2000ms), "websocket", "abcd"};
  two.connected_by = ConnectionFacts{WallTime(1000ms), "tunnel:chat", {}};
  const OrderAnswer answer = cluster.order(SessionsQuery{.target = {.user = "ada"}});
  EXPECT_EQ(sessions_of(answer), (Told{"s2", "s1"})) << "the oldest first";
  EXPECT_EQ(answer.live[1], (LiveConnection{.client = one.client().text(),
                                            .session = "s1",
                                            .user = "ada",
                                            .since = WallTime(2000ms),
                                            .transport = "websocket",
                                            .address_key = "abcd",
                                            .node = {}}));
  EXPECT_FALSE(answer.truncated);
  EXPECT_EQ(sessions_of(cluster.order(SessionsQuery{.target = {.session = "s3"}})), Told{"s3"});
  EXPECT_EQ(sessions_of(cluster.order(SessionsQuery{.target = {.client = two.client().text()}})),
            Told{"s2"});
  EXPECT_TRUE(cluster.order(SessionsQuery{.target = {.user = "bob"}}).live.empty());
  EXPECT_TRUE(cluster.order(SessionsQuery{}).live.empty()) << "an empty target names nobody";
}

TEST_P(OrdersTest, AConnectionThatIsNotLetInYetIsNotListed) {
  one.connected_by.reset();
  EXPECT_EQ(sessions_of(cluster.order(SessionsQuery{.target = {.user = "ada"}})), Told{"s2"});
}

TEST_P(OrdersTest, ASessionsQueryListsNoMoreThanItsLimit) {
  one.connected_by->since = WallTime(1000ms);
  EXPECT_FALSE(cluster.order(SessionsQuery{.target = {.user = "ada"}, .limit = 2}).truncated);
  const OrderAnswer answer = cluster.order(SessionsQuery{.target = {.user = "ada"}, .limit = 1});
  EXPECT_TRUE(answer.truncated);
  EXPECT_EQ(sessions_of(answer), Told{"s2"});
}

TEST_P(OrdersTest, ACodeThatMayNotBeSentIsReplaced) {
  cluster.order(DisconnectOrder{.target = {.session = "s1"}, .code = 1006, .reason = "x"});
  EXPECT_EQ(one.closed, (std::pair<std::uint16_t, std::string>{3503, "x"}));
}

TEST_P(OrdersTest, TargetsAreSessionUserClientOrTokenAndAllThatIsSaidHolds) {
  const auto count = [&](Target target) {
    return cluster.order(DisconnectOrder{.target = std::move(target)}).connections;
  };
  EXPECT_EQ(count({.session = "s3"}), 1u);
  EXPECT_EQ(count({.session = "s3", .user = "ada"}), 0u);
  EXPECT_EQ(count({.session = "s1", .user = "ada"}), 1u);
  EXPECT_EQ(count({.client = guest.client().text()}), 1u);
  EXPECT_EQ(count({.user = "ada", .client = guest.client().text()}), 0u);
  EXPECT_EQ(count({.client = "not an id"}), 0u);
  EXPECT_EQ(count({.jti = "j1"}), 1u);
  EXPECT_EQ(count({.jti = "j2"}), 0u);
  EXPECT_EQ(count({.user = "ada", .spared_clients = {one.client().text()}}), 1u);
  EXPECT_EQ(count({}), 0u) << "an empty target names no connection";
}

TEST_P(OrdersTest, SubscribeNeitherSubscribesNorCountsATunnel) {
  TestSubscriber tunnel{"s3"};
  tunnel.is_for_messages = false;
  cluster.join(tunnel, 0);
  EXPECT_EQ(
      cluster.order(SubscribeOrder{.target = {.session = "s3"}, .channel = "open:3"}).connections,
      1u)
      << "the guest's other connection";
  EXPECT_EQ(
      cluster
          .order(SubscribeOrder{.target = {.client = tunnel.client().text()}, .channel = "open:3"})
          .connections,
      0u);
  EXPECT_EQ(tunnel.take(), Told());
  EXPECT_EQ(cluster.order(DisconnectOrder{.target = {.session = "s3"}}).connections, 2u);
  EXPECT_TRUE(tunnel.closed);
}

TEST_P(OrdersTest, SubscribeTellsTheClientByAPush) {
  ASSERT_TRUE(cluster.publish("news:1", "1"));
  const auto position = cluster.publish("news:1", "2");
  const SubscribeOrder order{{.session = "s3"}, "news:1", Position{1, position->epoch}};
  EXPECT_EQ(cluster.order(order).connections, 1u);
  EXPECT_EQ(guest.take(),
            Told{R"({"push":{"channel":"news:1","subscribe":{"recoverable":true,"epoch":")" +
                 position->epoch +
                 R"(","recovered":true,"offset":1,"positioned":true,"was_recovering":true}}})" +
                 '\n' + R"({"push":{"channel":"news:1","pub":{"data":2,"offset":2}}})"});
  cluster.order(order);
  EXPECT_EQ(guest.take(), Told{}) << "it has it already";
  ASSERT_TRUE(cluster.publish("news:1", "3"));
  EXPECT_EQ(guest.take().size(), 1u);
}

TEST_P(OrdersTest, NoClientIsSubscribedToThePersonalChannelOfAnother) {
  cluster.order(SubscribeOrder{{.session = "s3"}, "session:s1", {}});
  cluster.order(SubscribeOrder{{.session = "s3"}, "bad name", {}});
  ASSERT_TRUE(cluster.publish("session:s1", "1"));
  EXPECT_EQ(guest.take(), Told{});
}

TEST_P(OrdersTest, UnsubscribeEndsOneOrAllButThePersonalOnes) {
  EXPECT_EQ(
      cluster.order(UnsubscribeOrder{.target = {.user = "ada"}, .channel = "open:1"}).connections,
      2u);
  const Told ended{
      R"({"push":{"channel":"open:1","unsubscribe":{"code":2000,"reason":"server unsubscribe"}}})"};
  EXPECT_EQ(one.take(), ended);
  EXPECT_EQ(two.take(), ended);
  cluster.order(
      UnsubscribeOrder{.target = {.user = "ada"}, .channel = "", .code = 2003, .reason = "x"});
  EXPECT_EQ(one.take(), Told{});
  EXPECT_EQ(two.take(),
            Told{R"({"push":{"channel":"open:2","unsubscribe":{"code":2003,"reason":"x"}}})"});
  cluster.order(UnsubscribeOrder{.target = {.user = "ada"}, .channel = "session:s1"});
  ASSERT_TRUE(cluster.publish("session:s1", "1"));
  EXPECT_EQ(one.take().size(), 1u);
}

TEST_P(OrdersTest, RefreshReachesTheConnection) {
  EXPECT_EQ(cluster.order(RefreshOrder{{.session = "s1"}, false, 1'800'000'000}).connections, 1u);
  EXPECT_EQ(one.refreshed, (std::pair{false, std::optional<std::int64_t>(1'800'000'000)}));
  cluster.order(RefreshOrder{{.session = "s1"}, true, {}});
  EXPECT_EQ(one.refreshed, (std::pair{true, std::optional<std::int64_t>()}));
  EXPECT_EQ(two.refreshed, std::nullopt);
}

TEST_P(OrdersTest, ChannelsAndInfoAreCountedOverAllShards) {
  const auto listed = cluster.order(ChannelsQuery{});
  EXPECT_EQ(listed.channels, (std::map<std::string, std::uint64_t>{{"open:1", 2}, {"open:2", 1}}));
  EXPECT_FALSE(listed.truncated);
  EXPECT_EQ(cluster.order(ChannelsQuery{"open:2"}).channels.size(), 1u);

  const auto answer = cluster.order(InfoQuery{});
  EXPECT_EQ(answer.info.clients, 3u);
  EXPECT_EQ(answer.info.sessions, 3u);
  EXPECT_EQ(answer.info.users, 1u);
  EXPECT_EQ(answer.info.channels, 2u);
  EXPECT_EQ(answer.info.subscriptions, 3u);
  EXPECT_TRUE(answer.channel_hashes.empty());
}

TEST_P(OrdersTest, TheListOfChannelsIsBounded) {
  HubCluster small({.namespaces = {{.name = "open", .subscribe = Audience::anyone}}}, GetParam(), 1,
                   {}, {.channels_listed_max = 2});
  TestSubscriber many("s1");
  small.join(many, 0, {{"open:1"}, {"open:2"}});
  EXPECT_FALSE(small.order(ChannelsQuery{}).truncated);
  ASSERT_TRUE(small.subscribe(many, "open:3"));
  const auto listed = small.order(ChannelsQuery{});
  EXPECT_EQ(listed.channels.size(), 2u);
  EXPECT_TRUE(listed.truncated);
}

TEST_P(OrdersTest, TheOldestOfTooManyConnectionsIsClosed) {
  HubCluster small({}, GetParam(), 1, {},
                   {.connections_per_session_max = 2, .connections_per_user_max = 3});
  std::vector<std::unique_ptr<TestSubscriber>> all;
  const auto join = [&](const char* session) -> TestSubscriber& {
    all.push_back(std::make_unique<TestSubscriber>(session, "ada"));
    TestSubscriber& joined = *all.back();
    small.join(joined, all.size() % GetParam());
    for (const auto& each : all) {
      if (each->closed) each->leave();  // in a turn of its own
    }
    return joined;
  };
  TestSubscriber& a = join("s1");
  TestSubscriber& b = join("s1");
  EXPECT_EQ(a.closed, std::nullopt);
  TestSubscriber& c = join("s1");
  const std::pair<std::uint16_t, std::string> limit{3504, "CONNECTION_LIMIT"};
  EXPECT_EQ(a.closed, limit);
  EXPECT_EQ(b.closed, std::nullopt);
  join("s2");  // the third of the user
  EXPECT_EQ(b.closed, std::nullopt);
  join("s3");
  EXPECT_EQ(b.closed, limit);
  EXPECT_EQ(c.closed, std::nullopt);
  EXPECT_EQ(small.order(InfoQuery{}).info.clients, 3u);
}

// Where joining takes a while.
class OrdersOnShardsTest : public OrdersTest {};
INSTANTIATE_TEST_SUITE_P(Three, OrdersOnShardsTest, testing::Values(3));

TEST_P(OrdersOnShardsTest, ADisconnectReachesAConnectionThatIsStillJoining) {
  for (int i = 0; i < 10; ++i) {
    TestSubscriber late("s9", "", {"news:" + std::to_string(i)});
    late.leave = [&] { cluster.hub(0).leave(late); };
    cluster.hub(0).join(late, {}, [](auto) {});
    cluster.order(DisconnectOrder{.target = {.session = "s9"}});
    EXPECT_TRUE(late.closed);
    EXPECT_EQ(late.take(), Told{});
  }
}

// The order concerns the only channel that the join still waits for, or one that was refused.
TEST_P(OrdersOnShardsTest, AnOrderForAChannelThatTheConnectionAskedForToo) {
  for (int i = 0; i < 10; ++i) {
    const std::string channel = "news:" + std::to_string(i);
    TestSubscriber late("s9", "", {channel});
    late.leave = [&] { cluster.hub(0).leave(late); };
    std::optional<Joined> joined;
    cluster.hub(0).join(late, {{"secret:1"}}, [&](Joined told) { joined = std::move(told); });
    for (const auto& name : {channel, std::string("secret:1"), std::string("session:s9")}) {
      cluster.broker(0).order(SubscribeOrder{{.session = "s9"}, name, {}}, [](auto) {});
    }
    cluster.mail.run_all();
    ASSERT_EQ(joined->size(), 3u) << "each channel once";
    EXPECT_TRUE((*joined)[0].outcome);
    EXPECT_TRUE((*joined)[1].outcome);
    late.take();
    for (const auto& name : {channel, std::string("secret:1"), std::string("session:s9")}) {
      ASSERT_TRUE(cluster.publish(name, "1"));
      EXPECT_EQ(late.take().size(), 1u) << name;
    }
  }
}

TEST_P(OrdersOnShardsTest, ASubscribeOrderForAConnectionThatIsStillJoiningComesWithItsJoin) {
  for (int i = 0; i < 10; ++i) {
    TestSubscriber late("s9", "", {"news:" + std::to_string(i)});
    late.leave = [&] { cluster.hub(0).leave(late); };
    std::optional<Joined> joined;
    cluster.hub(0).join(late, {}, [&](Joined told) { joined = std::move(told); });
    const bool is_joining = !joined;
    cluster.broker(0).order(SubscribeOrder{{.session = "s9"}, "open:9", {}}, [](auto) {});
    EXPECT_EQ(late.take().empty(), is_joining);
    cluster.mail.run_all();
    EXPECT_EQ(joined->back().channel == "open:9", is_joining);
    ASSERT_TRUE(cluster.publish("open:9", "1"));
    EXPECT_EQ(late.take().size(), 1u);
  }
}

// An order is a result only where it is done.
class SubscribeOrderTest : public testing::TestWithParam<std::size_t> {
 protected:
  std::optional<Error> order(const std::string& channel, Target target = {.user = "ada"}) {
    return cluster.order(SubscribeOrder{.target = std::move(target), .channel = channel}).refused;
  }

  HubCluster cluster{{.namespaces = {{.name = "orders"},
                                     {.name = "job", .subscribe = Audience::owner},
                                     {.name = "room", .presence = true}}},
                     GetParam(),
                     1,
                     {.channels_per_connection = 2, .pending_max = 1},
                     {.presence_per_channel_max = 1}};
  TestSubscriber one{"s1", "ada"};
  TestSubscriber two{"s2", "ada"};
};

INSTANTIATE_TEST_SUITE_P(Shards, SubscribeOrderTest, testing::Values(1, 3));

TEST_P(SubscribeOrderTest, SaysThatAConnectionIsAtItsLimit) {
  cluster.join(one);
  EXPECT_EQ(order("orders:1"), std::nullopt);
  EXPECT_EQ(order("orders:2"), std::nullopt);
  EXPECT_EQ(order("orders:3"), Error::limit_exceeded);
  EXPECT_EQ(order("orders:2"), std::nullopt) << "it is subscribed";
  cluster.join(two, GetParam() - 1);
  EXPECT_EQ(order("orders:3"), Error::limit_exceeded) << "one of two";
  EXPECT_EQ(order("orders:3", {.session = "s2"}), std::nullopt);
}

TEST_P(SubscribeOrderTest, SaysWhatOnlyTheChannelsHomeKnows) {
  cluster.join(one);
  cluster.join(two, GetParam() - 1);
  EXPECT_EQ(order("room:1", {.session = "s1"}), std::nullopt);
  EXPECT_EQ(order("room:1", {.session = "s2"}), Error::limit_exceeded);
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  EXPECT_EQ(order("job:1", {.session = "s2"}), Error::permission_denied);
  EXPECT_EQ(order("job:2", {.session = "s2"}), std::nullopt) << "pending is an answer";
  EXPECT_EQ(order("job:3", {.session = "s2"}), Error::limit_exceeded);
  EXPECT_EQ(order("session:s1", {.session = "s1"}), Error::permission_denied);
  EXPECT_EQ(order("", {.session = "s1"}), Error::bad_request);
}

TEST_P(SubscribeOrderTest, IsAnsweredInTheMidstOfAJoinToo) {
  std::optional<OrderAnswer> answer;
  one.leave = [&] { cluster.hub().leave(one); };
  cluster.hub().join(one, {{"room:1"}, {"orders:1"}}, [](const Joined&) {});
  cluster.hub().carry_out(SubscribeOrder{.target = {.session = "s1"}, .channel = "orders:9"},
                          [&](OrderAnswer told) { answer = std::move(told); });
  cluster.mail.run_all();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->connections, 1u);
}

TEST_P(SubscribeOrderTest, IsAnsweredWhenItsConnectionLeavesFirst) {
  cluster.join(one);
  for (int i = 0; i < 8; ++i) {
    std::optional<OrderAnswer> answer;
    TestSubscriber leaver("s" + std::to_string(10 + i));
    cluster.join(leaver);
    cluster.hub().carry_out(SubscribeOrder{.target = {.session = leaver.session},
                                           .channel = "room:" + std::to_string(i)},
                            [&](OrderAnswer told) { answer = std::move(told); });
    leaver.leave();
    leaver.leave = nullptr;
    cluster.mail.run_all();
    cluster.tick();
    ASSERT_TRUE(answer) << i;
  }
}

class OrdersAloneTest : public PartsTest {
 protected:
  void order(std::string channel) {
    orders.carry_out(SubscribeOrder{.target = {.user = "ada"}, .channel = std::move(channel)},
                     [this](OrderAnswer told) { answer = std::move(told); });
  }

  std::optional<OrderAnswer> answer;
};

TEST_F(OrdersAloneTest, AnOrderIsAnsweredWhenItsLastConnectionIsSubscribed) {
  TestSubscriber one("s1", "ada"), two("s2", "ada");
  join(one);
  join(two);
  broker.answers = false;
  order("open:1");
  EXPECT_EQ(answer, std::nullopt);
  broker.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->connections, 2u);
  EXPECT_EQ(answer->refused, std::nullopt);
}

TEST_F(OrdersAloneTest, AnOrderWithoutAnyConnectionIsAnsweredAtOnce) {
  order("open:1");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->connections, 0u);
}

TEST_F(OrdersAloneTest, AConnectionThatLeavesIsAnsweredForAtTheNextTick) {
  TestSubscriber one("s1", "ada");
  join(one);
  broker.answers = false;
  order("open:1");
  operations.forget(one.client());
  EXPECT_EQ(answer, std::nullopt) << "nothing is answered while a connection leaves";
  orders.tick();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->connections, 1u);
  answer.reset();
  orders.tick();
  EXPECT_EQ(answer, std::nullopt) << "it is answered once";
}

TEST_F(OrdersAloneTest, ARefusalIsInTheAnswer) {
  TestSubscriber one("s1", "ada");
  join(one);
  order("user:ada");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->refused, Error::permission_denied);
}

}  // namespace
}  // namespace usher::hub
