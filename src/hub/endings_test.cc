#include "hub/endings.h"

#include "hub/parts_fixture.h"

namespace usher::hub {
namespace {

using test::TestSubscriber;

std::string ended(const std::string& channel, const std::string& why) {
  return R"({"push":{"channel":")" + channel + R"(","unsubscribe":{"code":)" + why + "}}}";
}

class EndingsTest : public PartsTest {
 protected:
  void SetUp() override {
    join(one);
    join(two);
  }

  TestSubscriber one{"s1"};
  TestSubscriber two{"s2"};
};

TEST_F(EndingsTest, TheLastSubscriberTakesTheChannelWithIt) {
  ASSERT_TRUE(*subscribe(one, "room:1"));
  ASSERT_TRUE(*subscribe(two, "room:1"));
  broker.take();
  endings.end(one, *subscription(one, "room:1"));
  EXPECT_EQ(broker.take(), Calls{"remove_presence room:1"});
  EXPECT_NE(channels.find("room:1"), nullptr);
  endings.end(two, *subscription(two, "room:1"));
  EXPECT_EQ(broker.take(), (Calls{"remove_presence room:1", "unsubscribe room:1"}));
  EXPECT_EQ(channels.find("room:1"), nullptr);
  EXPECT_EQ(one.take(), Told{}) << "it has asked for it";
}

TEST_F(EndingsTest, ACancelledSubscriptionIsAnsweredOnce) {
  broker.answers = false;
  EXPECT_EQ(subscribe(one, "room:1"), std::nullopt);
  endings.cancel(*channels.find("room:1")->pending.front(), Error::limit_exceeded);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error(), Error::limit_exceeded);
  EXPECT_EQ(subscription(one, "room:1"), nullptr);
  EXPECT_EQ(operations.size(), 0u);
  broker.take();
  broker.answer();
  EXPECT_EQ(broker.take(), Calls{}) << "a late answer finds nothing";
}

TEST_F(EndingsTest, APendingOneIsToldByAPushBecauseItsAnswerHasBeenGiven) {
  ASSERT_TRUE((*subscribe(one, "job:1"))->pending);
  EXPECT_EQ(waits.size(), 1u);
  endings.cancel_and_tell(*channels.find("job:1")->pending.front(), Error::permission_denied,
                          kNeverBound);
  EXPECT_EQ(one.take(), Told{ended("job:1", R"(2101,"reason":"not bound in time")")});
  EXPECT_EQ(waits.size(), 0u);
}

TEST_F(EndingsTest, WithoutRightsTheClientHearsItOnceByAnswerOrPush) {
  broker.answers = false;
  EXPECT_EQ(subscribe(one, "open:1"), std::nullopt);
  endings.end_without_rights(one, *subscription(one, "open:1"));
  EXPECT_EQ(outcome->error(), Error::permission_denied);
  EXPECT_EQ(one.take(), Told{});
  broker.answers = true;
  ASSERT_TRUE(*subscribe(one, "open:1"));
  endings.end_without_rights(one, *subscription(one, "open:1"));
  EXPECT_EQ(one.take(), Told{ended("open:1", R"(2102,"reason":"permission lost")")});
  EXPECT_EQ(subscription(one, "open:1"), nullptr);
}

TEST_F(EndingsTest, EndLiveEndsOnlyTheMembersThatAreMeant) {
  ASSERT_TRUE(*subscribe(one, "open:1"));
  ASSERT_TRUE(*subscribe(two, "open:1"));
  endings.end_live("open:1", kBoundToAnother,
                   [&](const Subscriber& subscriber) { return &subscriber == &two; });
  EXPECT_EQ(one.take(), Told{});
  EXPECT_EQ(two.take(), Told{ended("open:1", R"(2100,"reason":"bound to another")")});
  EXPECT_NE(subscription(one, "open:1"), nullptr);
  EXPECT_EQ(subscription(two, "open:1"), nullptr);
  endings.end_live("open:2", kBoundToAnother, [](Subscriber&) { return true; });
}

}  // namespace
}  // namespace usher::hub
