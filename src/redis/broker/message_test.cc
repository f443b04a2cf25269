#include "redis/broker/message.h"

#include <gtest/gtest.h>

#include <random>

#include "redis/link/distinct.h"

namespace usher::redis {
namespace {

const hub::ClientInfo kAda{
    .client = "c1", .user = "ada", .conn_info = R"({"x":1})", .chan_info = "2"};

hub::PublishRequest request() {
  hub::PublishRequest request{.channel = "a", .data = R"({"n":1.0})", .tags = R"({"t":"v"})"};
  request.info = kAda;
  return request;
}

TEST(ChannelMessages, APublicationComesBackWithItsPosition) {
  const auto message = decode_channel_message("P42 qFhv " + encode_publication(request()));
  ASSERT_TRUE(message);
  const auto& published = std::get<Published>(*message);
  EXPECT_EQ(published.epoch, "qFhv");
  EXPECT_EQ(published.publication.offset, 42u);
  EXPECT_EQ(published.publication.data, R"({"n":1.0})");
  EXPECT_EQ(published.publication.tags, R"({"t":"v"})");
  ASSERT_NE(published.publication.info, nullptr);
  EXPECT_EQ(*published.publication.info, kAda);
}

TEST(ChannelMessages, WithoutHistoryAPublicationHasNoPosition) {
  const std::string body = encode_publication({.channel = "a", .data = "1"});
  const auto message = decode_channel_message(std::string(kLiveOnly) + body);
  ASSERT_TRUE(message);
  const auto& published = std::get<Published>(*message);
  EXPECT_EQ(published.epoch, "");
  EXPECT_EQ(published.publication.offset, 0u);
  EXPECT_EQ(published.publication.info, nullptr);
}

TEST(ChannelMessages, JoiningAndLeavingComeBack) {
  EXPECT_EQ(std::get<Joined>(*decode_channel_message("J" + encode_info(kAda))).info, kAda);
  EXPECT_EQ(std::get<Left>(*decode_channel_message("L" + encode_info(kAda))).info, kAda);
}

TEST(ChannelMessages, WhatIsNotOursIsNothing) {
  const std::string body = encode_publication(request());
  for (const std::string& text :
       {std::string(), std::string("P"), std::string("Z1"), "P1 " + body, "P1  " + body,
        "P0 e " + body, "Px e " + body, "P-1 e " + body, "P99999999999999999999 e " + body,
        "P1 e " + body.substr(1), "P1 e " + body + "x", "J" + body, std::string("L"),
        "P1 e " + encode_publication({.channel = "a", .data = ""})}) {
    EXPECT_FALSE(decode_channel_message(text)) << text;
  }
}

TEST(NodesMessages, ABindingComesBack) {
  for (const hub::Owner& owner :
       {hub::Owner{.session = "s 1", .user = ""}, hub::Owner{.session = "", .user = "ada"}}) {
    const auto message = decode_nodes_message(encode(Bound{"job:1", owner}));
    ASSERT_TRUE(message);
    EXPECT_EQ(std::get<Bound>(*message).channel, "job:1");
    EXPECT_EQ(std::get<Bound>(*message).owner, owner);
  }
  EXPECT_FALSE(decode_owner(""));
  EXPECT_FALSE(decode_owner("s"));
  EXPECT_FALSE(decode_owner("x1"));
}

template <class T>
T through(T sent) {
  const auto message = decode_nodes_message(
      encode(OrderMessage{.node = "n1", .shard = 3, .id = 7, .order = std::move(sent)}));
  EXPECT_TRUE(message);
  const auto& back = std::get<OrderMessage>(message.value());
  EXPECT_EQ(back.node, "n1");
  EXPECT_EQ(back.shard, 3u);
  EXPECT_EQ(back.id, 7u);
  return std::get<T>(back.order);
}

TEST(NodesMessages, EveryOrderComesBack) {
  const hub::Target target{.session = "s",
                           .user = "u",
                           .client = "c",
                           .jti = "j",
                           .spared_clients = {"0000000000000001", "0000000000000002"}};
  const auto subscribe = through(hub::SubscribeOrder{target, "a:1", hub::Position{5, "e"}});
  EXPECT_EQ(subscribe.target.spared_clients, target.spared_clients);
  EXPECT_EQ(subscribe.target.jti, "j");
  EXPECT_EQ(subscribe.channel, "a:1");
  EXPECT_EQ(subscribe.recover_since, (hub::Position{5, "e"}));
  EXPECT_EQ(through(hub::SubscribeOrder{target, "a:1", {}}).recover_since, std::nullopt);
  EXPECT_EQ(subscribe.grant, std::nullopt);
  const hub::SubscriptionGrant lasting{.info = R"({"role":"host"})", .data = "[1]"};
  EXPECT_EQ(through(hub::SubscribeOrder{target, "a:1", {}, lasting}).grant, lasting);
  hub::SubscriptionGrant ending = lasting;
  ending.expire_at = -5;
  ending.publish = true;
  EXPECT_EQ(through(hub::SubscribeOrder{target, "a:1", hub::Position{5, "e"}, ending}).grant,
            ending);

  const auto unsubscribe = through(hub::UnsubscribeOrder{target, "a:1", 2500, "why"});
  EXPECT_EQ(unsubscribe.code, 2500u);
  EXPECT_EQ(unsubscribe.reason, "why");
  const auto disconnect = through(hub::DisconnectOrder{target, 3520, "SESSION_REVOKED"});
  EXPECT_EQ(disconnect.code, 3520);
  EXPECT_EQ(disconnect.reason, "SESSION_REVOKED");
  EXPECT_EQ(disconnect.target.client, "c");
  EXPECT_EQ(through(hub::DisconnectOrder{{.sid = "https://idp.example\n7"}, 3520, "X"}).target.sid,
            "https://idp.example\n7");
  const auto refresh = through(hub::RefreshOrder{target, true, -5});
  EXPECT_TRUE(refresh.expired);
  EXPECT_EQ(refresh.expire_at, -5);
  EXPECT_EQ(through(hub::RefreshOrder{target, false, {}}).expire_at, std::nullopt);
  EXPECT_EQ(through(hub::ChannelsQuery{"a:"}).prefix, "a:");
  through(hub::InfoQuery{});
  const auto sessions = through(hub::SessionsQuery{target, 7});
  EXPECT_EQ(sessions.target.user, "u");
  EXPECT_EQ(sessions.limit, 7u);
}

TEST(NodesMessages, SparedClientsWithoutAValidIdAreNotSent) {
  const std::string client(16, 'a');
  hub::DisconnectOrder order{.target = {.user = "u"}};
  order.target.spared_clients.assign(1000, std::string(1024, 'x'));
  order.target.spared_clients.push_back(client);
  EXPECT_LT(encode(OrderMessage{"n", 0, 1, order}).size(), 100u);
  EXPECT_EQ(through(order).target.spared_clients, std::vector<std::string>{client});
}

TEST(NodeMessages, LiveConnectionsComeBack) {
  Answered answered{.shard = 1, .id = 9, .answer = {}};
  answered.answer.answer.live = {{.client = "c",
                                  .session = "s",
                                  .user = "u",
                                  .since = WallTime(std::chrono::milliseconds(1'700'000'000'123)),
                                  .transport = "tunnel:chat",
                                  .address_key = std::string("\0\1\2\3", 4),
                                  .node = "n1"}};
  const auto message = decode_node_message(encode(answered));
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<Answered>(*message).answer.answer.live, answered.answer.answer.live);
}

TEST(NodeMessages, AnAnswerComesBack) {
  Answered answered{.shard = 1, .id = 9, .answer = {}};
  answered.answer.answer.connections = 4;
  answered.answer.answer.truncated = true;
  answered.answer.answer.channels = {{"a", 1}, {"b", 2}};
  answered.answer.answer.info.clients = 5;
  answered.answer.answer.info.subscriptions = 6;
  answered.answer.answer.channel_hashes = {1, ~0ull};
  answered.answer.sessions = {3};
  answered.answer.users = {4, 5};
  const auto message = decode_node_message(encode(answered));
  ASSERT_TRUE(message);
  const auto& back = std::get<Answered>(*message);
  EXPECT_EQ(back.shard, 1u);
  EXPECT_EQ(back.id, 9u);
  EXPECT_EQ(back.answer.answer.connections, 4u);
  EXPECT_TRUE(back.answer.answer.truncated);
  EXPECT_EQ(back.answer.answer.channels, answered.answer.answer.channels);
  EXPECT_EQ(back.answer.answer.info.clients, 5u);
  EXPECT_EQ(back.answer.answer.info.subscriptions, 6u);
  EXPECT_EQ(back.answer.answer.channel_hashes, answered.answer.answer.channel_hashes);
  EXPECT_EQ(back.answer.sessions, answered.answer.sessions);
  EXPECT_EQ(back.answer.users, answered.answer.users);
}

TEST(NodeMessages, AnAnswerSaysWhyAnOrderWasNotDone) {
  for (std::uint8_t error = 0; error < hub::kErrors; ++error) {
    for (const bool truncated : {false, true}) {
      Answered answered;
      answered.answer.answer.truncated = truncated;
      answered.answer.answer.refused = static_cast<hub::Error>(error);
      const auto message = decode_node_message(encode(answered));
      ASSERT_TRUE(message);
      const auto& back = std::get<Answered>(*message).answer.answer;
      EXPECT_EQ(back.refused, static_cast<hub::Error>(error));
      EXPECT_EQ(back.truncated, truncated);
    }
  }
}

TEST(NodeMessages, TheOldestOfTooManyIsNamed) {
  const hub::ClientId client{0x1234};
  const auto message = decode_node_message("X" + client.text() + ":2");
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<OverLimit>(*message).client, client);
  EXPECT_EQ(std::get<OverLimit>(*message).shard, 2u);
  for (const std::string text : {"", "X", "Xabc:1", "X1234567890abcdef", "X1234567890abcdef:"}) {
    EXPECT_FALSE(decode_node_message(text)) << text;
  }
}

TEST(NodeMessages, GarbageOfAnyKindIsRefusedWithoutHarm) {
  std::mt19937_64 random(7);
  const std::string good = encode(OrderMessage{
      .node = "n", .shard = 0, .id = 1, .order = hub::DisconnectOrder{.target = {}, .code = 1}});
  const std::string answer = encode(Answered{});
  for (int i = 0; i < 20'000; ++i) {
    std::string text = i % 2 == 0 ? good : answer;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    text.resize(random() % (text.size() + 1));
    decode_nodes_message(text);
    decode_node_message(text);
    decode_channel_message(text);
  }
}

}  // namespace
}  // namespace usher::redis
