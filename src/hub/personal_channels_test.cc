#include "hub/personal_channels.h"

#include "hub/parts_fixture.h"

namespace usher::hub {
namespace {

using test::TestSubscriber;

class PersonalChannelsTest : public PartsTest {
 protected:
  Delivery message() { return {0, wire::make_text_frame("m")}; }
};

TEST_F(PersonalChannelsTest, OnlyPersonalChannelsThatKeepNothingAreIndexed) {
  const auto is_indexed = [](const ChannelRules& some_rules, std::string_view channel,
                             PersonalChannels::Dependencies with) {
    return PersonalChannels({some_rules, with.broker, with.index, with.channels, with.endings,
                             with.subscribing, with.stats})
        .is_indexed(personal_name(channel), channel);
  };
  const PersonalChannels::Dependencies with{rules,   broker,      index, channels,
                                            endings, subscribing, stats};
  EXPECT_TRUE(is_indexed(rules, "session:s1", with));
  EXPECT_TRUE(is_indexed(rules, "user:ada", with));
  EXPECT_FALSE(is_indexed(rules, "open:1", with));
  const ChannelRules keeping{{.namespaces = {{.name = "user", .presence = true}}}};
  EXPECT_TRUE(is_indexed(keeping, "session:s1", with));
  EXPECT_FALSE(is_indexed(keeping, "user:ada", with));
}

TEST_F(PersonalChannelsTest, ADeliveryReachesTheLiveConnectionsOfItsSessionOrUser) {
  TestSubscriber one("s1", "ada"), two("s1"), three("s2", "ada"), joining("s1", "ada");
  for (auto* each : {&one, &two, &three, &joining}) join(*each);
  hub_side(joining).stage = HubSide::Stage::joining;
  personal.deliver({Personal::session, "s1"}, message());
  personal.deliver({Personal::user, "ada"}, message());
  EXPECT_EQ(one.take(), (Told{"m", "m"}));
  EXPECT_EQ(two.take(), Told{"m"});
  EXPECT_EQ(three.take(), Told{"m"});
  EXPECT_EQ(joining.take(), Told{});
  EXPECT_EQ(stats.deliveries, 4u);
}

TEST_F(PersonalChannelsTest, LostDeliveriesAreToldAsASubscriptionThatBeganAgain) {
  TestSubscriber one("s1");
  join(one);
  personal.tell_lost({Personal::session, "s1"}, "session:s1");
  EXPECT_EQ(
      one.take(),
      Told{
          R"({"push":{"channel":"session:s1","subscribe":{"was_recovering":true,"gap":"epoch_changed"}}})"});
}

TEST_F(PersonalChannelsTest, TheBrokerHearsOfTheLastConnectionOnly) {
  TestSubscriber one("s1", "ada");
  join(one);
  personal.on_left("s1", "ada");
  EXPECT_EQ(broker.take(), Calls{}) << "another is still there";
  personal.on_left("s2", "bob");
  EXPECT_EQ(broker.take(), (Calls{"unsubscribe session:s2", "unsubscribe user:bob"}));
  personal.on_left("s3", "");
  EXPECT_EQ(broker.take(), Calls{"unsubscribe session:s3"});
}

TEST_F(PersonalChannelsTest, AfterALogInTheUsersChannelFollows) {
  TestSubscriber one("s1");
  join(one);
  index.remove_user(one);
  one.user = "ada";
  index.add_user(one);
  personal.follow_user(one, "");
  EXPECT_EQ(broker.take(), (Calls{"disconnected /", "connected /ada", "subscribe user:ada"}));
  EXPECT_EQ(one.take(), Told{R"({"push":{"channel":"user:ada","subscribe":{}}})"});

  index.remove_user(one);
  one.user = "bob";
  index.add_user(one);
  personal.follow_user(one, "ada");
  EXPECT_EQ(broker.take(), (Calls{"unsubscribe user:ada", "disconnected /ada", "connected /bob",
                                  "subscribe user:bob"}));
  EXPECT_EQ(
      one.take(),
      (Told{
          R"({"push":{"channel":"user:ada","unsubscribe":{"code":2000,"reason":"server unsubscribe"}}})",
          R"({"push":{"channel":"user:bob","subscribe":{}}})"}));
  personal.follow_user(one, "bob");
  EXPECT_EQ(broker.take(), Calls{}) << "the user is the same";
}

TEST_F(PersonalChannelsTest, AUsersChannelThatTheBrokerRefusesIsNotTold) {
  TestSubscriber one("s1");
  join(one);
  index.remove_user(one);
  one.user = "ada";
  index.add_user(one);
  broker.error = Error::internal;
  personal.follow_user(one, "");
  EXPECT_EQ(one.take(), Told{});
}

}  // namespace
}  // namespace usher::hub
