#include "hub/home_channels.h"

#include <gtest/gtest.h>

#include "support/seeded_entropy.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using Entered = HomeChannels::Entered;

class HomeChannelsTest : public testing::Test {
 protected:
  HomeChannel& channel(const std::string& name) { return *channels.obtain(name, space, now); }
  void publish(const std::string& name, std::size_t bytes = 1) {
    HomeChannel& there = channel(name);
    auto publication = std::make_shared<Publication>();
    publication->offset = there.stream()->next_offset();
    publication->data = std::string(bytes, '1');
    channels.append(there, std::move(publication), now);
  }
  std::size_t kept(const std::string& name) { return channel(name).stream()->size(); }
  std::string epoch(const std::string& name) { return channel(name).stream()->position().epoch; }
  void advance(Duration by) {
    now += by;
    channels.tick(now);
  }

  TimePoint now{};
  test::SeededEntropy entropy;
  const NamespaceOptions space{.name = "n", .history_size = 3, .history_ttl = 10s};
  const NamespaceOptions no_history{.name = "p", .presence = true};
  HomeChannels channels{{.channels_max = 3,
                         .history_bytes_max = 3000,
                         .presence_per_channel_max = 2,
                         .presence_max = 3,
                         .position_ttl = 60s},
                        entropy};
};

TEST_F(HomeChannelsTest, KeepsAsManyAsTheNamespaceSays) {
  for (int i = 0; i < 3; ++i) publish("n:1");
  EXPECT_EQ(kept("n:1"), 3u);
  publish("n:1");
  EXPECT_EQ(kept("n:1"), 3u);
  EXPECT_EQ(channel("n:1").stream()->position().offset, 4u);
}

TEST_F(HomeChannelsTest, PublicationsExpireWithTheirTtlAlsoWithoutATick) {
  publish("n:1");
  now += 10s - 1ns;
  EXPECT_EQ(kept("n:1"), 1u);
  now += 1ns;
  EXPECT_EQ(kept("n:1"), 0u);
  EXPECT_EQ(channels.history_bytes(), 0u);
}

TEST_F(HomeChannelsTest, AtItsBytesTheQuietestChannelIsTrimmed) {
  publish("n:1", 900);
  publish("n:2", 900);
  EXPECT_EQ(kept("n:1"), 1u);
  publish("n:1", 900);
  EXPECT_EQ(kept("n:2"), 0u);
  EXPECT_EQ(kept("n:1"), 2u);
  EXPECT_LE(channels.history_bytes(), 3000u);
  publish("n:3", 4000);
  EXPECT_EQ(kept("n:3"), 0u) << "what does not fit at all is not kept";
  EXPECT_EQ(channels.history_bytes(), 0u);
}

TEST_F(HomeChannelsTest, AChannelIsForgottenWhenNothingIsLeftAndItsPositionIsOld) {
  const std::string before = epoch("n:1");
  publish("n:1");
  advance(10s);  // the publication has expired
  advance(60s - 1ns);
  EXPECT_EQ(channels.size(), 1u);
  EXPECT_EQ(channels.find("n:1", now)->stream()->position(), (Position{1, before}));
  advance(1ns);
  EXPECT_EQ(channels.size(), 0u);
  EXPECT_NE(epoch("n:1"), before);
}

TEST_F(HomeChannelsTest, AShardThatListensKeepsTheChannel) {
  channels.want(channel("n:1"), 5, true, now);
  channels.want(channel("n:1"), 5, true, now);
  advance(1h);
  EXPECT_EQ(channels.size(), 1u);
  EXPECT_TRUE(channel("n:1").wanted_by(5));
  EXPECT_FALSE(channel("n:1").wanted_by(4));
  EXPECT_FALSE(channel("n:1").wanted_by(6));
  channels.want(channel("n:1"), 5, false, now);
  EXPECT_FALSE(channel("n:1").wanted());
  advance(60s);
  EXPECT_EQ(channels.size(), 0u);
}

TEST_F(HomeChannelsTest, WhenThereAreTooManyTheLongestIdleMakesRoom) {
  publish("n:busy");
  channels.want(channel("n:wanted"), 0, true, now);
  channel("n:idle");
  ASSERT_EQ(channels.size(), 3u);
  channel("n:idle2");
  EXPECT_EQ(channels.find("n:idle", now), nullptr);
  publish("n:idle2");
  EXPECT_EQ(channels.obtain("n:more", space, now), nullptr);
  advance(10s);
  EXPECT_NE(channels.obtain("n:more", space, now), nullptr);
}

TEST_F(HomeChannelsTest, PresenceIsBoundedByChannelAndInAll) {
  const auto enter = [&](const std::string& name, const std::string& client) {
    return channels.enter(*channels.obtain(name, no_history, now),
                          {.client = client, .user = "", .conn_info = "", .chan_info = ""}, now);
  };
  EXPECT_EQ(enter("p:1", "a"), Entered::is_new);
  EXPECT_EQ(enter("p:1", "a"), Entered::was_there);
  EXPECT_EQ(enter("p:1", "b"), Entered::is_new);
  EXPECT_EQ(enter("p:1", "c"), Entered::too_many);
  EXPECT_EQ(enter("p:2", "c"), Entered::is_new);
  EXPECT_EQ(enter("p:2", "d"), Entered::too_many);
  EXPECT_TRUE(channels.leave(*channels.find("p:1", now), "a", now));
  EXPECT_FALSE(channels.leave(*channels.find("p:1", now), "a", now));
  EXPECT_EQ(enter("p:2", "d"), Entered::is_new);
  advance(1h);
  EXPECT_EQ(channels.size(), 2u) << "somebody is there";
  channels.leave(*channels.find("p:1", now), "b", now);
  advance(60s);
  EXPECT_EQ(channels.size(), 1u);
  EXPECT_EQ(channels.present(), 2u);
}

TEST_F(HomeChannelsTest, ABindingHoldsUntilItsTtl) {
  channels.bind(channel("n:1"), {.session = "s", .user = ""}, now + 5s, now);
  publish("n:1");
  advance(5s - 1ns);
  EXPECT_EQ(HomeChannels::owner(channel("n:1")), (Owner{.session = "s", .user = ""}));
  now += 1ns;
  EXPECT_EQ(HomeChannels::owner(channel("n:1")), std::nullopt);
  channels.bind(channel("n:1"), {.session = "", .user = "ada"}, now + 1h, now);
  EXPECT_TRUE(HomeChannels::owner(channel("n:1"))->is("other", "ada"));
  EXPECT_FALSE(HomeChannels::owner(channel("n:1"))->is("other", ""));
  advance(59min);
  EXPECT_EQ(channels.size(), 1u);
  advance(1min);
  advance(60s);
  EXPECT_EQ(channels.size(), 0u);
}

TEST_F(HomeChannelsTest, ClearingTheStreamKeepsItsPosition) {
  publish("n:1");
  publish("n:1");
  channels.clear_stream(channel("n:1"), now);
  EXPECT_EQ(kept("n:1"), 0u);
  EXPECT_EQ(channels.history_bytes(), 0u);
  EXPECT_EQ(channel("n:1").stream()->position().offset, 2u);
}

}  // namespace
}  // namespace usher::hub
