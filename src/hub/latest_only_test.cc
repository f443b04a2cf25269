// How publications are handed over in namespaces with `latest_only` and `write_delay`.
#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;

ChannelRulesOptions gathering_rules() {
  return {.namespaces = {
              {.name = "latest",
               .subscribe = Audience::anyone,
               .join_leave = true,
               .latest_only = true},
              {.name = "slow", .subscribe = Audience::anyone, .write_delay = 25ms},
              {.name = "plain", .subscribe = Audience::anyone},
              {.name = "user", .latest_only = true, .write_delay = 10ms},
          }};
}

// The parameter is the number of shards.
class LatestOnlyTest : public testing::TestWithParam<std::size_t> {
 protected:
  void publish(const std::string& channel) { ASSERT_TRUE(cluster.publish(channel, "1")); }
  std::vector<std::uint32_t> numbers(TestSubscriber& who) {
    std::vector<std::uint32_t> all;
    for (const wire::Gathering& how : std::exchange(who.gathered, {})) {
      all.push_back(how.latest_of);
    }
    return all;
  }

  HubCluster cluster{gathering_rules(), GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Shards, LatestOnlyTest, testing::Values(1, 3));

TEST_P(LatestOnlyTest, PublicationsOfOneSubscriptionHaveTheSameNumberAndNoOtherHasIt) {
  TestSubscriber one("s1"), two("s2");
  cluster.join(one);
  cluster.join(two);
  for (auto* who : {&one, &two}) {
    for (const char* channel : {"latest:1", "latest:2"})
      ASSERT_TRUE(cluster.subscribe(*who, channel));
  }
  one.gathered.clear();
  publish("latest:1");
  publish("latest:2");
  publish("latest:1");
  const auto told = numbers(one);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_NE(told[0], 0u);
  EXPECT_EQ(told[0], told[2]);
  EXPECT_NE(told[0], told[1]);
}

TEST_P(LatestOnlyTest, NoPublicationTakesAPlaceBeforeAJoinOrAnEarlierSubscription) {
  TestSubscriber one("s1"), two("s2");
  cluster.join(one, 0, {{"latest:1"}});
  cluster.join(two);
  one.gathered.clear();
  publish("latest:1");
  ASSERT_TRUE(cluster.subscribe(two, "latest:1"));
  publish("latest:1");
  ASSERT_TRUE(cluster.hub().unsubscribe(one, "latest:1"));
  ASSERT_TRUE(cluster.subscribe(one, "latest:1"));
  publish("latest:1");
  const auto told = numbers(one);
  std::vector<std::uint32_t> publications;
  for (const std::uint32_t number : told) {
    if (number != 0) publications.push_back(number);
  }
  EXPECT_GT(told.size(), publications.size()) << "a join has no number";
  ASSERT_EQ(publications.size(), 3u);
  EXPECT_NE(publications[0], publications[1]);
  EXPECT_NE(publications[1], publications[2]);
  EXPECT_NE(publications[0], publications[2]);
}

TEST_P(LatestOnlyTest, TheDelayOfANamespaceIsHandedOnForItsPublicationsAlone) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"slow:1"}, {"plain:1"}});
  publish("slow:1");
  publish("plain:1");
  ASSERT_EQ(one.gathered.size(), 1u);
  EXPECT_EQ(one.gathered[0].write_delay, Duration(25ms));
  EXPECT_EQ(one.gathered[0].latest_of, 0u);
  EXPECT_EQ(one.take().size(), 2u);
}

TEST_P(LatestOnlyTest, PersonalChannelsCanHaveBoth) {
  TestSubscriber ada("s1", "ada");
  cluster.join(ada);
  publish("user:ada");
  publish("user:ada");
  ASSERT_EQ(ada.gathered.size(), 2u);
  EXPECT_EQ(ada.gathered[0].write_delay, Duration(10ms));
  EXPECT_EQ(ada.gathered[0].latest_of, ada.gathered[1].latest_of);
  EXPECT_NE(ada.gathered[0].latest_of, 0u);
  publish("session:s1");
  EXPECT_EQ(ada.gathered.size(), 2u);
}

}  // namespace
}  // namespace usher::hub
