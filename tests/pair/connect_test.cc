#include <gtest/gtest.h>

#include "pair/pair.h"

// From the ticket to the first messages.
namespace usher::test {
namespace {

using namespace std::chrono_literals;
using client::Status;
using Texts = std::vector<std::string>;

TEST(PairConnectTest, ATicketOpensTheSocketAndThePushMakesTheClientConnected) {
  Pair pair;
  pair.client.connect();
  EXPECT_EQ(pair.client.status(), Status::connecting);
  // Ticket call and answer, upgrade and first frame: four ways.
  pair.run_for(4 * pair.network.delay - 1ms);
  EXPECT_EQ(pair.client.status(), Status::connecting);
  EXPECT_EQ(pair.gateway.hub().connections(), 1u);
  pair.run_for(1ms);
  EXPECT_EQ(pair.client.status(), Status::connected);
  EXPECT_EQ(pair.client.log.back(), "[WS] Connected");
}

TEST(PairConnectTest, WishesTravelWithTheTicketAndNeedNoCommand) {
  Pair pair;
  pair.client.subscribe("live:1");
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  ASSERT_EQ(pair.client.subscribed.size(), 2u);  // and the personal channel
  EXPECT_EQ(pair.client.subscribed[0].channel, "session:s1");
  EXPECT_EQ(pair.client.subscribed[1].channel, "live:1");
  pair.gateway.publish("live:1", R"({"n":1})");
  pair.gateway.publish("session:s1", "2");
  pair.run_for(1s);
  EXPECT_EQ(pair.client.messages, (Texts{R"({"n":1})", "2"}));
}

TEST(PairConnectTest, ASubscriptionOnTheLiveSocketIsAnsweredAndARefusedOneIsForgotten) {
  Pair pair;
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  pair.client.subscribe("live:1");
  pair.client.subscribe("closed:1");
  pair.run_for(1s);
  EXPECT_EQ(pair.client.subscribed.back().channel, "live:1");
  ASSERT_EQ(pair.client.refused.size(), 1u);
  EXPECT_EQ(pair.client.refused[0].channel, "closed:1");
  EXPECT_EQ(pair.client.refused[0].code, 103);
}

TEST(PairConnectTest, WhatOneClientPublishesReachesAllSubscribersInOrder) {
  Pair pair;
  PairClient& other = pair.add_client();
  for (PairClient* one : {&pair.client, &other}) {
    one->subscribe("kept:1");
    one->connect();
  }
  ASSERT_TRUE(pair.run_until([&] { return pair.client.is_connected() && other.is_connected(); }));
  for (int i = 0; i < 3; ++i) other.publish("kept:1", i);
  pair.run_for(1s);
  EXPECT_EQ(pair.client.messages, (Texts{"0", "1", "2"}));
  EXPECT_EQ(other.messages, (Texts{"0", "1", "2"}));
}

TEST(PairConnectTest, DisconnectEndsTheSessionAtTheServerAndNothingComesBack) {
  Pair pair;
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  pair.client.disconnect();
  pair.run_for(1h);
  EXPECT_EQ(pair.client.status(), Status::disconnected);
  EXPECT_EQ(pair.gateway.hub().connections(), 0u);
  EXPECT_EQ(pair.gateway.log().count("code: 1000"), 1u);
}

TEST(PairConnectTest, PingsKeepAQuietConnectionOpen) {
  Pair pair;
  pair.client.token_life = 5h;
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  pair.run_for(4h);
  EXPECT_TRUE(pair.client.is_connected());
  EXPECT_EQ(pair.client.attempts, 1);
}

}  // namespace
}  // namespace usher::test
