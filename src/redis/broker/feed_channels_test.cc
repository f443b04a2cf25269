#include "redis/broker/feed_channels.h"

#include <gtest/gtest.h>

namespace usher::redis {
namespace {

TEST(FeedChannels, AChannelIsAddedOnce) {
  FeedChannels channels{SipKey{}};
  const auto [channel, is_new] = channels.add("a");
  EXPECT_TRUE(is_new);
  EXPECT_EQ(*channel.name, "a");
  EXPECT_FALSE(channels.add("a").second);
  EXPECT_EQ(channels.size(), 1u);
  EXPECT_EQ(channels.find("a"), &channel);
  EXPECT_EQ(channels.find("b"), nullptr);
}

TEST(FeedChannels, ARefDoesNotFindALaterChannelOfTheSameName) {
  FeedChannels channels{SipKey{}};
  FeedChannel& first = channels.add("a").first;
  const FeedChannel::Ref ref = first.ref();
  EXPECT_EQ(channels.find(ref), &first);
  channels.erase(first);
  EXPECT_EQ(channels.find(ref), nullptr);
  FeedChannel& second = channels.add("a").first;
  EXPECT_EQ(channels.find(ref), nullptr);
  EXPECT_EQ(channels.find(second.ref()), &second);
}

}  // namespace
}  // namespace usher::redis
