#include "redis/broker/redis_orders.h"

#include <gtest/gtest.h>

#include "redis/broker/broker_fixture.h"
#include "redis/broker/message.h"

namespace usher::redis {
namespace {

using hub::Elsewhere;
using hub::Error;

class AnsweringSink final : public hub::BrokerSink {
 public:
  void on_delivery(std::string_view, const hub::Delivery&) override {}
  void on_bound(std::string_view, const hub::Owner&) override {}
  void on_deliveries_lost(std::string_view) override {}
  void on_connection_limit(hub::ClientId) override {}
  hub::OrderAnswer on_order(const hub::Order&) override { return answer; }

  hub::OrderAnswer answer;
};

// An answer of the script `order`: nodes that heard it, nodes that are alive, orders in the stream.
Reply heard_by(std::int64_t heard, std::int64_t alive, std::int64_t kept = 0) {
  return Reply::of({Reply::of(heard), Reply::of(alive), Reply::of(kept)});
}

// An answer of the script `ask`: nodes that heard it, nodes that are alive.
Reply asked(std::int64_t heard, std::initializer_list<const char*> alive) {
  std::vector<Reply> names;
  for (const char* name : alive) names.push_back(Reply::of(std::string(name)));
  return Reply::of({Reply::of(heard), Reply::of(std::move(names))});
}
NodeAnswer report_of(const std::string& uid) {
  NodeAnswer answer;
  answer.answer.nodes = {{.uid = uid, .version = "", .info = {}}};
  return answer;
}

hub::Order gift() { return hub::RefreshOrder{.target = {.session = "s"}, .expire_at = 1}; }
hub::Order taking() { return hub::DisconnectOrder{.target = {.session = "s"}}; }

class RedisOrdersTest : public testing::Test, public BrokerFixture {
 protected:
  using Answer = Outcome<hub::OrderAnswer>;

  // Returns the number of the order in a call.
  static std::uint64_t id_of(const test::ManualCommands::Call& call) {
    return std::get<OrderMessage>(*decode_nodes_message(call.words.back())).id;
  }
  NodeAnswer answer_of(std::uint64_t connections) const {
    NodeAnswer answer;
    answer.answer.connections = connections;
    return answer;
  }
  static NodeAnswer listing(const std::vector<const char*>& clients) {
    NodeAnswer answer;
    for (const char* client : clients) {
      answer.answer.live.push_back({.client = client, .session = "s", .user = "ada"});
    }
    return answer;
  }
  std::optional<Error> refusal(hub::Order order) {
    Answer answer;
    orders.order(std::move(order), answer.handler());
    EXPECT_FALSE(answer.is_open());
    return answer.error();
  }

  test::ManualCommands commands1;
  ConnectionCounts counts{node, 0, commands};
  ConnectionCounts counts1{node, 1, commands1};
  std::vector<OrderMessage> done_here;
  OrderDesk desk{{.node = "n1"},
                 {names, scripts, commands, [this] { return ready; },
                  [this](OrderMessage message) { done_here.push_back(std::move(message)); },
                  [this](std::size_t shard, std::uint64_t id, OrderDesk::Told told) {
                    if (shard == 0) return orders.on_told(id, told);
                    mail.post(1, [this, id, told] { orders1.on_told(id, told); });
                  }}};
  RedisOrders orders{node, 0, commands, desk, counts};
  RedisOrders orders1{node, 1, commands1, desk, counts1};
};

TEST_F(RedisOrdersTest, AQueryIsAnsweredWhenEveryNodeThatHeardItHasAnswered) {
  Answer answer;
  orders.order(hub::ChannelsQuery{}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  orders.on_answered(id, answer_of(1));
  EXPECT_TRUE(answer.is_open()) << "an answer may come before it is known how many there are";
  commands.answer(heard_by(2, 2));
  EXPECT_TRUE(answer.is_open());
  orders.on_answered(id + 1, answer_of(100));
  EXPECT_TRUE(answer.is_open()) << "another order's answer";
  orders.on_answered(id, answer_of(2));
  EXPECT_EQ(answer.value().connections, 3u);
}

TEST_F(RedisOrdersTest, IfNotEveryNodeHeardItTheAnswerIsAnError) {
  for (const Reply& reply : {heard_by(1, 2), heard_by(0, 0), Reply::error("OOM no memory")}) {
    Answer answer;
    orders.order(gift(), answer.handler());
    commands.answer(reply);
    EXPECT_EQ(answer.error(), Error::internal);
  }
}

TEST_F(RedisOrdersTest, WhileMessagesDoNotComeNothingIsAskedOrGiven) {
  ready = false;
  EXPECT_EQ(refusal(hub::InfoQuery{}), Error::internal);
  EXPECT_EQ(refusal(gift()), Error::internal);
  EXPECT_TRUE(commands.calls.empty());
}

TEST_F(RedisOrdersTest, WhileAnOrderIsLateNothingIsGiven) {
  ready = false;
  Answer late;
  orders.order(taking(), late.handler());
  EXPECT_EQ(late.value().elsewhere, Elsewhere::later);
  EXPECT_EQ(done_here.size(), 1u);
  ready = true;
  EXPECT_EQ(refusal(gift()), Error::internal);
  Answer query;
  orders.order(hub::InfoQuery{}, query.handler());
  EXPECT_TRUE(query.is_open()) << "a query may go on";
}

TEST_F(RedisOrdersTest, ANodeThatDoesNotAnswerInTimeIsAnError) {
  Answer answer;
  orders.order(gift(), answer.handler());
  commands.answer(heard_by(1, 1));
  clock.advance(options.order_timeout - Duration(1));
  orders.tick();
  EXPECT_TRUE(answer.is_open());
  clock.advance(Duration(1));
  orders.tick();
  EXPECT_EQ(answer.error(), Error::internal);
}

// An older node does not know the query, and never answers.
TEST_F(RedisOrdersTest, ASessionsQueryIsPartialIfANodeDoesNotAnswerInTime) {
  Answer answer;
  orders.order(hub::SessionsQuery{.target = {.user = "ada"}}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  commands.answer(heard_by(2, 2));
  orders.on_answered(id, listing({"a"}));
  clock.advance(options.order_timeout);
  orders.tick();
  EXPECT_TRUE(answer.value().partial);
  EXPECT_EQ(answer.value().live.size(), 1u);
}

TEST_F(RedisOrdersTest, ASessionsQueryIsPartialIfNotEveryNodeHeardIt) {
  Answer answer;
  orders.order(hub::SessionsQuery{.target = {.user = "ada"}}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  commands.answer(heard_by(1, 2));
  EXPECT_TRUE(answer.is_open());
  orders.on_answered(id, listing({"a"}));
  EXPECT_TRUE(answer.value().partial);
}

TEST_F(RedisOrdersTest, ASessionsQueryThatNobodyHeardOrAnsweredIsAnError) {
  Answer unheard;
  orders.order(hub::SessionsQuery{.target = {.user = "ada"}}, unheard.handler());
  commands.answer(Reply::error("OOM no memory"));
  EXPECT_EQ(unheard.error(), Error::internal);
  Answer unanswered;
  orders.order(hub::SessionsQuery{.target = {.user = "ada"}}, unanswered.handler());
  commands.answer(heard_by(2, 2));
  clock.advance(options.order_timeout);
  orders.tick();
  EXPECT_EQ(unanswered.error(), Error::internal);
}

TEST_F(RedisOrdersTest, TheConnectionsOfAllNodesTogetherAreNoMoreThanTheLimit) {
  Answer answer;
  orders.order(hub::SessionsQuery{.target = {.user = "ada"}, .limit = 3}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  commands.answer(heard_by(2, 2));
  orders.on_answered(id, listing({"a", "c"}));
  orders.on_answered(id, listing({"b", "d"}));
  ASSERT_EQ(answer.value().live.size(), 3u);
  EXPECT_EQ(answer.value().live[2].client, "c");
  EXPECT_TRUE(answer.value().truncated);
  EXPECT_FALSE(answer.value().partial);
}

TEST_F(RedisOrdersTest, AnOrderThatTakesAwayIsUnconfirmedIfANodeDoesNotAnswerInTime) {
  Answer answer;
  orders.order(taking(), answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  commands.answer(heard_by(2, 2, 1));
  orders.on_answered(id, answer_of(1));
  clock.advance(options.order_timeout);
  orders.tick();
  EXPECT_EQ(answer.value().elsewhere, Elsewhere::unconfirmed);
  EXPECT_EQ(answer.value().connections, 1u);
}

TEST_F(RedisOrdersTest, AnOrderThatTheDeskKeepsForLaterIsAnsweredSo) {
  Answer answer;
  orders.order(taking(), answer.handler());
  commands.fail();
  EXPECT_EQ(answer.value().elsewhere, Elsewhere::later);
}

TEST_F(RedisOrdersTest, AnotherShardsOrderGoesThroughTheFirstShardsDesk) {
  Answer answer;
  mail.act_as(1);
  orders1.order(taking(), answer.handler());
  EXPECT_TRUE(commands.calls.empty());
  mail.run_all();
  EXPECT_TRUE(commands1.calls.empty());
  const std::uint64_t id = id_of(commands.calls.front());
  mail.act_as(0);
  commands.answer(heard_by(1, 1, 1));
  mail.run_all();
  orders1.on_answered(id, answer_of(4));
  EXPECT_EQ(answer.value().elsewhere, Elsewhere::done);
  EXPECT_EQ(answer.value().connections, 4u);
}

TEST_F(RedisOrdersTest, NoMoreThanOrdersMaxWait) {
  Answer first;
  Answer second;
  mail.act_as(1);
  orders1.order(hub::InfoQuery{}, first.handler());
  orders1.order(taking(), second.handler());
  Answer third;
  orders1.order(taking(), third.handler());
  EXPECT_EQ(third.error(), Error::internal) << "one is still on its way to the desk";
  mail.run_all();
  Answer fourth;
  orders1.order(hub::InfoQuery{}, fourth.handler());
  EXPECT_EQ(fourth.error(), Error::internal);
  commands1.fail();
  EXPECT_EQ(first.error(), Error::internal);
  Answer fifth;
  orders1.order(hub::InfoQuery{}, fifth.handler());
  EXPECT_TRUE(fifth.is_open());
}

TEST_F(RedisOrdersTest, AListOfChannelsIsCutAtItsLimit) {
  Answer answer;
  orders.order(hub::ChannelsQuery{}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  commands.answer(heard_by(1, 1));
  NodeAnswer node_answer;
  node_answer.answer.channels = {{"a", 1}, {"b", 1}, {"c", 1}};
  orders.on_answered(id, node_answer);
  EXPECT_EQ(answer.value().channels.size(), options.channels_listed_max);
  EXPECT_TRUE(answer.value().truncated);
}

TEST_F(RedisOrdersTest, AnInfoQueryCountsDistinctNamesOverAllNodes) {
  Answer answer;
  orders.order(hub::InfoQuery{}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  commands.answer(asked(2, {"n1", "n2"}));
  NodeAnswer one;
  one.sessions = {1, 2};
  one.users = {5};
  one.answer.channel_hashes = {7, 8};
  one.answer.nodes = {{.uid = "n2", .version = "", .info = {}}};
  NodeAnswer other;
  other.sessions = {2, 3};
  other.users = {5};
  other.answer.channel_hashes = {8};
  other.answer.nodes = {{.uid = "n1", .version = "", .info = {}}};
  orders.on_answered(id, one);
  orders.on_answered(id, other);
  EXPECT_EQ(answer.value().info.sessions, 3u);
  EXPECT_EQ(answer.value().info.users, 1u);
  EXPECT_EQ(answer.value().info.channels, 2u);
  EXPECT_TRUE(answer.value().channel_hashes.empty());
  ASSERT_EQ(answer.value().nodes.size(), 2u);
  EXPECT_EQ(answer.value().nodes[0].uid, "n1") << "sorted";
  EXPECT_TRUE(answer.value().unreachable.empty());
}

TEST_F(RedisOrdersTest, ANodeThatDidNotHearAnInfoQueryIsUnreachableAtOnce) {
  Answer answer;
  orders.order(hub::InfoQuery{}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  orders.on_answered(id, report_of("n1"));
  commands.answer(asked(1, {"n3", "n1", "n2"}));
  ASSERT_EQ(answer.value().nodes.size(), 1u);
  EXPECT_EQ(answer.value().unreachable, (std::vector<std::string>{"n2", "n3"}));
}

TEST_F(RedisOrdersTest, ANodeThatDoesNotAnswerAnInfoQueryInTimeIsUnreachable) {
  Answer answer;
  orders.order(hub::InfoQuery{}, answer.handler());
  const std::uint64_t id = id_of(commands.calls.front());
  commands.answer(asked(2, {"n1", "n2"}));
  orders.on_answered(id, report_of("n1"));
  clock.advance(options.order_timeout - Duration(1));
  orders.tick();
  EXPECT_TRUE(answer.is_open());
  clock.advance(Duration(1));
  orders.tick();
  ASSERT_EQ(answer.value().nodes.size(), 1u);
  EXPECT_EQ(answer.value().unreachable, (std::vector<std::string>{"n2"}));
}

TEST_F(RedisOrdersTest, AnInfoQueryThatRedisDoesNotAnswerIsAnError) {
  for (const Reply& reply : {asked(0, {"n1"}), Reply::error("READONLY"), heard_by(1, 1)}) {
    Answer answer;
    orders.order(hub::InfoQuery{}, answer.handler());
    commands.answer(reply);
    EXPECT_EQ(answer.error(), Error::internal);
  }
  Answer answer;
  orders.order(hub::InfoQuery{}, answer.handler());
  clock.advance(options.order_timeout);
  orders.tick();
  EXPECT_EQ(answer.error(), Error::internal);
}

TEST_F(RedisOrdersTest, ThisShardAnswersAnInfoQueryWithItsConnections) {
  AnsweringSink sink;
  sink.answer.connections = 6;
  sink.answer.channel_hashes = {9, 3, 9};
  orders.attach(sink);
  counts.connected(hub::ClientId{1}, "s1", "ada");
  NodeAnswer answer;
  const auto keep = [&answer](NodeAnswer got) { answer = std::move(got); };
  orders.carry_out(hub::InfoQuery{}, keep);
  EXPECT_EQ(answer.answer.connections, 6u);
  EXPECT_EQ(answer.answer.channel_hashes, (std::vector<std::uint64_t>{3, 9}));
  EXPECT_EQ(answer.sessions.size(), 1u);
  EXPECT_EQ(answer.users.size(), 1u);
  orders.carry_out(hub::ChannelsQuery{}, keep);
  EXPECT_TRUE(answer.sessions.empty()) << "a query of another kind";
}

}  // namespace
}  // namespace usher::redis
