#include "hub/local_channels.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "support/hub_cluster.h"

namespace usher::hub {
namespace {

using test::TestSubscriber;

class LocalChannelsTest : public testing::Test {
 protected:
  std::uint32_t index_of(TestSubscriber& who, const Subscription& subscription) {
    return static_cast<std::uint32_t>(&subscription - hub_side(who).state->subscriptions.data());
  }
  void remove(TestSubscriber& who, const std::string& name) {
    const Subscription& there = *channels.subscription(who, name);
    const LocalChannel& channel = *there.channel;
    if (channels.remove(who, index_of(who, there))) channels.erase(channel);
  }

  const NamespaceOptions options;
  LocalChannels channels{SipKey{1, 2}};
};

TEST_F(LocalChannelsTest, AnEntryIsFoundByItsSerialUntilItIsLive) {
  TestSubscriber one("s1");
  PendingSubscription& entry = channels.add_pending(one, "a", options);
  const std::uint64_t serial = entry.serial;
  EXPECT_EQ(channels.find_pending(serial), &entry);
  EXPECT_FALSE(channels.subscription(one, "a")->live);
  channels.go_live(entry);
  EXPECT_EQ(channels.find_pending(serial), nullptr);
  EXPECT_TRUE(channels.subscription(one, "a")->live);
  EXPECT_EQ(channels.find("a")->live.size(), 1u);
}

TEST_F(LocalChannelsTest, TheLastOneToGoLeavesNothing) {
  TestSubscriber one("s1"), two("s2");
  channels.go_live(channels.add_pending(one, "a", options));
  channels.add_pending(two, "a", options);
  remove(one, "a");
  EXPECT_NE(channels.find("a"), nullptr);
  remove(two, "a");
  EXPECT_EQ(channels.find("a"), nullptr);
  EXPECT_EQ(channels.size(), 0u);
  EXPECT_EQ(channels.subscriptions(), 0u);
  EXPECT_EQ(hub_side(one).state, nullptr) << "an idle connection pays one pointer again";
}

// Every link leads there and back after any number of swaps.
TEST_F(LocalChannelsTest, LinksHoldUnderRandomUse) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<std::unique_ptr<TestSubscriber>> all;
    for (int i = 0; i < 8; ++i) all.push_back(std::make_unique<TestSubscriber>("s"));
    std::map<TestSubscriber*, std::map<std::string, bool>> model;  // channel → live
    for (int step = 0; step < 2000; ++step) {
      TestSubscriber& who = *all[random() % all.size()];
      const std::string name(1, static_cast<char>('a' + random() % 6));
      Subscription* const there = channels.subscription(who, name);
      ASSERT_EQ(there != nullptr, model[&who].contains(name));
      if (there == nullptr) {
        channels.add_pending(who, name, options);
        model[&who][name] = false;
      } else if (!there->live && random() % 2 == 0) {
        channels.go_live(*there->channel->pending[there->slot]);
        model[&who][name] = true;
      } else {
        remove(who, name);
        model[&who].erase(name);
      }
      std::size_t count = 0;
      for (auto& [subscriber, names] : model) {
        count += names.size();
        for (const auto& [channel, live] : names) {
          const Subscription* const subscription = channels.subscription(*subscriber, channel);
          ASSERT_NE(subscription, nullptr);
          ASSERT_EQ(subscription->live, live);
          const LocalChannel& its = *subscription->channel;
          ASSERT_EQ(its.name, channel);
          const auto* member = live ? its.live[subscription->slot].subscriber
                                    : its.pending[subscription->slot]->subscriber;
          ASSERT_EQ(member, subscriber);
          ASSERT_EQ(
              live ? its.live[subscription->slot].index : its.pending[subscription->slot]->index,
              index_of(*subscriber, *subscription));
        }
      }
      ASSERT_EQ(channels.subscriptions(), count);
    }
    for (auto& [subscriber, names] : model) {
      for (const auto& [channel, live] : names) remove(*subscriber, channel);
    }
    ASSERT_EQ(channels.size(), 0u);
  }
}

}  // namespace
}  // namespace usher::hub
