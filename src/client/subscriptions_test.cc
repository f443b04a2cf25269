#include "client/subscriptions.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support/session_driver.h"

namespace usher::client {
namespace {

using test::effects_of;
using test::events_of;

class SubscriptionsTest : public testing::Test {
 protected:
  Output connected(std::string_view results) {
    Output out;
    const json::value value = json::parse(results);
    subscriptions.connected(value.if_object(), out);
    return out;
  }
  Output received(std::string_view frame) {
    Output out;
    subscriptions.received(json::parse(frame).get_object(), out);
    return out;
  }
  std::string restored() { return json::serialize(subscriptions.restore()); }

  static std::vector<std::string> sent(const Output& out) {
    std::vector<std::string> commands;
    for (const Send& send : effects_of<Send>(out)) commands.push_back(json::serialize(send.data));
    return commands;
  }
  using Sent = std::vector<std::string>;

  Output scratch;
  Subscriptions subscriptions{[] { return 0.5; }};
};

TEST_F(SubscriptionsTest, AWishTravelsWithTheTicketAndItsPositionWithTheNext) {
  subscriptions.subscribe("news:1", false, scratch);
  EXPECT_EQ(restored(), R"({"news:1":{}})");
  const Output out = connected(R"({"news:1":{"recoverable":true,"epoch":"e","offset":4}})");
  ASSERT_EQ(events_of<Subscribed>(out).size(), 1u);
  EXPECT_FALSE(events_of<Subscribed>(out)[0].recovered);
  EXPECT_EQ(restored(), R"({"news:1":{"recover":true,"epoch":"e","offset":4}})");
  EXPECT_TRUE(scratch.effects.empty());
}

TEST_F(SubscriptionsTest, WhatDoesNotFitBesideTheTicketIsAskedForOnTheSocket) {
  const auto named = [](std::size_t bytes) {
    return std::string(bytes - sizeof R"(["",{}])" + 1, 'x');
  };
  subscriptions.subscribe(named(15'999), false, scratch);
  subscriptions.subscribe("late", false, scratch);
  EXPECT_EQ(restored(), "{\"" + named(15'999) + "\":{}}");
  subscriptions.unsubscribe(named(15'999), false, scratch);
  subscriptions.subscribe(named(16'000), false, scratch);
  EXPECT_EQ(restored(), R"({"late":{}})");
}

TEST_F(SubscriptionsTest, MissedPublicationsComeAfterSubscribedInOrderAndOnce) {
  subscriptions.subscribe("news:1", false, scratch);
  restored();
  connected(R"({"news:1":{"recoverable":true,"epoch":"e","offset":4}})");
  restored();
  const Output out =
      connected(R"({"news:1":{"recoverable":true,"epoch":"e","offset":6,"recovered":true,
      "publications":[{"data":4,"offset":4},{"data":5,"offset":5},{"data":6,"offset":6}]}})");
  ASSERT_EQ(out.events.size(), 3u);
  EXPECT_TRUE(std::get<Subscribed>(out.events[0]).recovered);
  EXPECT_EQ(std::get<Publication>(out.events[1]).offset, 5u);
  EXPECT_EQ(std::get<Publication>(out.events[2]).offset, 6u);
  EXPECT_TRUE(
      received(R"({"push":{"channel":"news:1","pub":{"data":6,"offset":6}}})").events.empty());
  EXPECT_EQ(received(R"({"push":{"channel":"news:1","pub":{"data":7,"offset":7}}})").events.size(),
            1u);
}

TEST_F(SubscriptionsTest, OffsetsOfAnotherEpochStartAnew) {
  subscriptions.subscribe("news:1", false, scratch);
  connected(R"({"news:1":{"epoch":"old","offset":400}})");
  const Output out =
      connected(R"({"news:1":{"epoch":"new","offset":2,"publications":[{"data":1,"offset":2}]}})");
  EXPECT_EQ(events_of<Publication>(out).size(), 1u);
  EXPECT_EQ(restored(), R"({"news:1":{"recover":true,"epoch":"new","offset":2}})");
}

TEST_F(SubscriptionsTest, WhatWasSubscribedAfterTheTicketIsAskedForOnTheSocket) {
  subscriptions.subscribe("a", false, scratch);
  restored();
  subscriptions.subscribe("b", false, scratch);
  EXPECT_EQ(sent(connected(R"({"a":{}})")), Sent{R"({"id":1,"subscribe":{"channel":"b"}})"});
}

TEST_F(SubscriptionsTest, WhatWasUnsubscribedAfterTheTicketIsGivenBack) {
  subscriptions.subscribe("a", false, scratch);
  restored();
  subscriptions.unsubscribe("a", false, scratch);
  const Output out = connected(R"({"a":{}})");
  EXPECT_EQ(sent(out), Sent{R"({"id":1,"unsubscribe":{"channel":"a"}})"});
  EXPECT_TRUE(out.events.empty());
}

TEST_F(SubscriptionsTest, AnAnswerToAForgottenCommandIsNobodys) {
  connected("{}");
  subscriptions.subscribe("a", true, scratch);
  subscriptions.unsubscribe("a", true, scratch);
  subscriptions.subscribe("a", true, scratch);
  EXPECT_EQ(sent(scratch).size(), 3u);
  EXPECT_TRUE(received(R"({"id":1,"subscribe":{}})").events.empty());
  EXPECT_EQ(received(R"({"id":3,"subscribe":{}})").events.size(), 1u);
  EXPECT_TRUE(received(R"({"id":3,"subscribe":{}})").events.empty());
}

TEST_F(SubscriptionsTest, AnUnrecoverablePositionIsDroppedOnceAndRefusedTwice) {
  subscriptions.subscribe("a", false, scratch);
  connected(R"({"a":{"epoch":"e","offset":4}})");
  restored();
  const Output again = connected(R"({"a":{"error":{"code":112}}})");
  EXPECT_EQ(sent(again), Sent{R"({"id":1,"subscribe":{"channel":"a"}})"});
  EXPECT_TRUE(again.events.empty());
  const Output refused = received(R"({"id":1,"error":{"code":112}})");
  ASSERT_EQ(events_of<SubscriptionFailed>(refused).size(), 1u);
  EXPECT_EQ(restored(), "{}");
}

TEST_F(SubscriptionsTest, TemporaryErrorsKeepTheWishAndOthersEndIt) {
  subscriptions.subscribe("a", false, scratch);
  subscriptions.subscribe("b", false, scratch);
  subscriptions.subscribe("c", false, scratch);
  restored();
  const Output out = connected(
      R"({"a":{"error":{"code":103}},"b":{"error":{"code":103,"temporary":true}},"c":{"error":{"code":111}}})");
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_EQ(std::get<SubscriptionFailed>(out.events[0]).code, 103);
  EXPECT_EQ(restored(), R"({"b":{},"c":{}})");
}

TEST_F(SubscriptionsTest, APendingSubscriptionSpeaksWhenItIsDecided) {
  connected("{}");
  subscriptions.subscribe("job:1", true, scratch);
  subscriptions.subscribe("job:2", true, scratch);
  EXPECT_TRUE(received(R"({"id":1,"subscribe":{"pending":true}})").events.empty());
  EXPECT_TRUE(received(R"({"id":2,"subscribe":{"pending":true}})").events.empty());
  const Output granted =
      received(R"({"push":{"channel":"job:1","subscribe":{"epoch":"e","offset":1}}})");
  EXPECT_EQ(events_of<Subscribed>(granted).size(), 1u);
  const Output ended =
      received(R"({"push":{"channel":"job:2","unsubscribe":{"code":2101,"reason":""}}})");
  ASSERT_EQ(events_of<SubscriptionFailed>(ended).size(), 1u);
  EXPECT_EQ(events_of<SubscriptionFailed>(ended)[0].code, 2101);
}

TEST_F(SubscriptionsTest, PublicationsOfChannelsThatNobodyWantsAreDropped) {
  connected("{}");
  EXPECT_TRUE(received(R"({"push":{"channel":"x","pub":{"data":1}}})").events.empty());
}

TEST_F(SubscriptionsTest, TheServersOwnChannelsAreBoundedAndTheUsersAreNot) {
  for (std::size_t i = 0; i <= ChannelTable::kServerChannelsMax; ++i) {
    const Output out =
        received(R"({"push":{"channel":"s)" + std::to_string(i) + R"(","subscribe":{}}})");
    EXPECT_EQ(out.events.size(), i < ChannelTable::kServerChannelsMax ? 1u : 0u) << i;
  }
  subscriptions.subscribe("mine", false, scratch);
  EXPECT_EQ(restored(), R"({"mine":{}})");
  const Output out = connected(R"({"mine":{}})");
  EXPECT_EQ(events_of<Subscribed>(out).size(), 1u);
}

TEST_F(SubscriptionsTest, PublishingWithoutASocketSendsNothing) {
  subscriptions.publish("a", 1, false, scratch);
  EXPECT_TRUE(scratch.effects.empty());
  subscriptions.publish("a", 1, true, scratch);
  EXPECT_EQ(sent(scratch), Sent{R"({"id":1,"publish":{"channel":"a","data":1}})"});
}

}  // namespace
}  // namespace usher::client
