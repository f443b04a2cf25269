#include "client/channel_table.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace usher::client {
namespace {

json::object object(std::string_view text) { return json::parse(text).as_object(); }

TEST(ChannelTableTest, KeepsTheOrderInWhichChannelsBecameKnown) {
  ChannelTable table;
  for (const char* name : {"c", "a", "b"}) table.know(name, true);
  table.forget(*table.find("a"));
  table.know("a", true);
  std::string names;
  for (const Channel* channel : table.in_order()) names += channel->name;
  EXPECT_EQ(names, "cba");
}

TEST(ChannelTableTest, OnlyTheServersOwnChannelsCountAgainstTheLimit) {
  ChannelTable table;
  for (std::size_t i = 0; i < ChannelTable::kServerChannelsMax; ++i) {
    EXPECT_TRUE(table.has_room());
    table.know("s" + std::to_string(i), false);
  }
  EXPECT_FALSE(table.has_room());
  table.know("mine", true);
  EXPECT_FALSE(table.has_room());
  table.know("s0", true);  // the user's from now on
  EXPECT_TRUE(table.has_room());
  table.know("one more", false);
  table.forget(*table.find("mine"));
  EXPECT_FALSE(table.has_room());
  table.forget(*table.find("s1"));
  EXPECT_TRUE(table.has_room());
}

TEST(ChannelTableTest, AWishIsNotTakenBackByTheServer) {
  ChannelTable table;
  table.know("a", true);
  EXPECT_TRUE(table.know("a", false).wished);
  EXPECT_EQ(table.find("b"), nullptr);
}

TEST(ChannelTest, APositionIsAskedForOnlyWithAnEpoch) {
  Channel channel;
  channel.advance(7);
  EXPECT_EQ(json::serialize(channel.since()), "{}");
  channel.begin(object(R"({"epoch":"e","recoverable":true})"));
  EXPECT_EQ(json::serialize(channel.since()), R"({"recover":true,"epoch":"e","offset":0})");
  channel.advance(8);
  EXPECT_EQ(json::serialize(channel.since()), R"({"recover":true,"epoch":"e","offset":8})");
}

TEST(ChannelTest, AnOffsetIsTakenOnceAndOnlyForwards) {
  Channel channel;
  EXPECT_TRUE(channel.advance(5));
  EXPECT_FALSE(channel.advance(5));
  EXPECT_FALSE(channel.advance(4));
  EXPECT_TRUE(channel.advance({}));
  EXPECT_TRUE(channel.advance(6));
}

TEST(ChannelTest, AnotherEpochOrALossMakesTheOffsetVoid) {
  Channel channel;
  channel.begin(object(R"({"epoch":"e"})"));
  channel.advance(5);
  channel.begin(object(R"({"epoch":"e","recovered":false})"));
  EXPECT_EQ(channel.offset, 5u);
  channel.begin(object(R"({"recovered":true})"));
  EXPECT_EQ(channel.offset, 5u);
  channel.begin(object(R"({"epoch":"f"})"));
  EXPECT_FALSE(channel.offset);
  EXPECT_EQ(channel.epoch, "f");
  channel.begin(object(R"({"recovered":false})"));
  EXPECT_FALSE(channel.epoch);
  channel.begin(object(R"({"epoch":"g","recoverable":false})"));
  EXPECT_FALSE(channel.epoch);
}

}  // namespace
}  // namespace usher::client
