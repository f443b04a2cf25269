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
  const NamespaceOptions owned{.name = "o", .subscribe = Audience::owner};
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

TEST_F(HomeChannelsTest, WithoutAHistoryItIsForgottenAsSoonAsTheLastOneHasLeft) {
  const ClientInfo ada{.client = "a", .user = "", .conn_info = "", .chan_info = ""};
  channels.add_presence(*channels.obtain("p:1", no_history, now), ada, now);
  channels.bind(*channels.obtain("o:1", owned, now), {.session = "s", .user = ""}, now + 5s, now);
  EXPECT_TRUE(channels.remove_presence(*channels.find("p:1", now), "a", now));
  EXPECT_EQ(channels.size(), 1u);
  advance(5s);
  EXPECT_EQ(channels.size(), 0u) << "nor is a binding kept that has expired";
}

// One namespace's, and one client's, growth costs its own.
class HistorySharesTest : public testing::Test {
 protected:
  void publish(const NamespaceOptions& options, const std::string& name, std::string_view who,
               std::size_t bytes = 900) {
    HomeChannel& there = *channels.obtain(name, options, now);
    auto publication = std::make_shared<Publication>();
    publication->offset = there.stream()->next_offset();
    publication->data = std::string(bytes, '1');
    channels.append(there, std::move(publication), now, who);
  }
  std::size_t kept(const std::string& name) {
    const HomeChannel* const there = channels.find(name, now);
    return there == nullptr ? 0 : there->stream()->size();
  }

  TimePoint now{};
  test::SeededEntropy entropy;
  const NamespaceOptions orders{
      .name = "orders", .history_size = 100, .history_ttl = 1h, .history_bytes = 20'000};
  const NamespaceOptions chat{
      .name = "chat", .history_size = 100, .history_ttl = 1h, .history_bytes = 40'000};
  HomeChannels channels{
      {.channels_max = 10'000, .history_bytes_max = 1, .homes = 2, .position_ttl = 60s}, entropy};
};

TEST_F(HistorySharesTest, ANamespaceGrowsAtItsOwnCostAlone) {
  for (int i = 0; i < 8; ++i) publish(orders, "orders:" + std::to_string(i), "");
  EXPECT_EQ(kept("orders:0"), 1u) << "8 of about 1.1 kB in half of 20 kB";
  for (int i = 0; i < 100; ++i) publish(chat, "chat:" + std::to_string(i), "");
  for (int i = 0; i < 8; ++i) EXPECT_EQ(kept("orders:" + std::to_string(i)), 1u);
  EXPECT_EQ(kept("chat:0"), 0u);
  EXPECT_EQ(kept("chat:99"), 1u);
  EXPECT_LE(channels.history_bytes(), 30'000u);
  publish(orders, "orders:8", "");
  publish(orders, "orders:9", "");
  EXPECT_EQ(kept("orders:0"), 0u) << "at its bound";
}

TEST_F(HistorySharesTest, AClientThatMakesUpNamesPushesOutItsOwn) {
  for (int i = 0; i < 3; ++i) publish(chat, "chat:ada" + std::to_string(i), "user:ada");
  publish(chat, "chat:hall", "session:bob");
  publish(chat, "chat:news", "");
  for (int i = 0; i < 500; ++i) publish(chat, "chat:x" + std::to_string(i), "session:eve");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(kept("chat:ada" + std::to_string(i)), 1u) << i;
  EXPECT_EQ(kept("chat:hall"), 1u);
  EXPECT_EQ(kept("chat:news"), 1u);
  EXPECT_EQ(kept("chat:x0"), 0u);
  EXPECT_EQ(kept("chat:x499"), 1u);
}

TEST_F(HistorySharesTest, ManySessionsLeaveWhatTheBackendPublishedHalfOfTheRoom) {
  for (int i = 0; i < 16; ++i) publish(chat, "chat:b" + std::to_string(i), "");
  for (int i = 0; i < 300; ++i) {
    publish(chat, "chat:x" + std::to_string(i), "session:" + std::to_string(i));
  }
  std::size_t backends = 0;
  for (int i = 0; i < 16; ++i) backends += kept("chat:b" + std::to_string(i));
  EXPECT_GE(backends, 8u);
  publish(chat, "chat:hall", "user:ada", 100);
  for (int i = 0; i < 50; ++i) publish(chat, "chat:b" + std::to_string(i), "");
  EXPECT_EQ(kept("chat:hall"), 1u) << "and the backend leaves the clients theirs";
}

TEST_F(HistorySharesTest, InASharedChannelWhatIsOlderGoesFirstThereAndNowhereElse) {
  publish(chat, "chat:hall", "user:ada");
  publish(chat, "chat:room", "user:ada");
  for (int i = 0; i < 50; ++i) publish(chat, "chat:hall", "session:eve");
  EXPECT_EQ(kept("chat:room"), 1u);
  EXPECT_GT(kept("chat:hall"), 5u);
}

class ChannelSharesTest : public HistorySharesTest {
 protected:
  HomeChannel* obtain(const NamespaceOptions& options, const std::string& name) {
    return table.obtain(name, options, now);
  }
  bool publish_to(const std::string& name, std::string_view who) {
    HomeChannel* const there = table.obtain(name, chat, now, who);
    if (there == nullptr) return false;
    auto publication = std::make_shared<Publication>();
    publication->offset = there->stream()->next_offset();
    publication->data = "1";
    table.append(*there, std::move(publication), now, who);
    return true;
  }
  HomeChannels table{
      {.channels_max = 8, .namespaces = 2, .history_bytes_max = 1, .homes = 1, .position_ttl = 60s},
      entropy};
};

TEST_F(ChannelSharesTest, EachNamespaceHasHalfOfItsEqualPartForSure) {
  for (int i = 0; i < 6; ++i) {
    HomeChannel* const made_up = obtain(chat, "chat:" + std::to_string(i));
    ASSERT_NE(made_up, nullptr) << i;
    table.want(*made_up, 0, true, now);
  }
  EXPECT_EQ(obtain(chat, "chat:6"), nullptr) << "two places are the other namespace's";
  table.want(*obtain(orders, "orders:1"), 0, true, now);
  table.want(*obtain(orders, "orders:2"), 0, true, now);
  EXPECT_EQ(obtain(orders, "orders:3"), nullptr);
}

TEST_F(ChannelSharesTest, NamesThatAreMadeUpPushOutEachOtherAndNoPosition) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(publish_to("chat:ada" + std::to_string(i), "user:ada"));
  for (int i = 0; i < 3; ++i) {
    table.clear_stream(*table.find("chat:ada" + std::to_string(i), now), now);
  }
  const std::string epoch = table.find("chat:ada0", now)->stream()->position().epoch;
  for (int i = 0; i < 100; ++i) EXPECT_NE(obtain(chat, "chat:x" + std::to_string(i)), nullptr);
  EXPECT_EQ(table.find("chat:ada0", now)->stream()->position(), (Position{1, epoch}));
}

TEST_F(ChannelSharesTest, AClientThatPublishesToNamesThatItMakesUpPushesOutNoPosition) {
  EXPECT_TRUE(publish_to("chat:ada", "user:ada"));
  table.clear_stream(*table.find("chat:ada", now), now);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(publish_to("chat:x" + std::to_string(i), "session:eve")) << i;
  }
  ASSERT_NE(table.find("chat:ada", now), nullptr);
  EXPECT_EQ(table.find("chat:ada", now)->stream()->position().offset, 1u);
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(publish_to("chat:bob" + std::to_string(i), "user:bob"));
}

TEST_F(ChannelSharesTest, AClientThatPublishesToNamesThatItMakesUpPushesOutItsOwn) {
  EXPECT_TRUE(publish_to("chat:ada", "user:ada"));
  EXPECT_TRUE(publish_to("chat:news", ""));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(publish_to("chat:x" + std::to_string(i), "session:eve")) << i;
  }
  EXPECT_TRUE(publish_to("chat:bob", "user:bob"));
  for (const char* name : {"chat:ada", "chat:news", "chat:bob", "chat:x99"}) {
    ASSERT_NE(table.find(name, now), nullptr) << name;
    EXPECT_EQ(table.find(name, now)->stream()->size(), 1u) << name;
  }
  EXPECT_EQ(table.find("chat:x0", now), nullptr);
}

TEST_F(HistorySharesTest, WhatExpiresIsCountedNoMore) {
  for (int i = 0; i < 10; ++i) publish(chat, "chat:" + std::to_string(i % 3), "user:ada");
  now += 1h;
  channels.tick(now);
  EXPECT_EQ(channels.history_bytes(), 0u);
  for (int i = 0; i < 10; ++i) publish(chat, "chat:" + std::to_string(i % 3), "user:ada");
  channels.clear_stream(*channels.find("chat:0", now), now);
  EXPECT_EQ(kept("chat:0"), 0u);
  EXPECT_EQ(kept("chat:1"), 3u);
}

TEST_F(HomeChannelsTest, PresenceIsBoundedByChannelAndInAll) {
  const auto add_presence = [&](const std::string& name, const std::string& client) {
    return channels.add_presence(*channels.obtain(name, no_history, now),
                                 {.client = client, .user = "", .conn_info = "", .chan_info = ""},
                                 now);
  };
  EXPECT_EQ(add_presence("p:1", "a"), Entered::is_new);
  EXPECT_EQ(add_presence("p:1", "a"), Entered::was_there);
  EXPECT_EQ(add_presence("p:1", "b"), Entered::is_new);
  EXPECT_EQ(add_presence("p:1", "c"), Entered::too_many);
  EXPECT_EQ(add_presence("p:2", "c"), Entered::is_new);
  EXPECT_EQ(add_presence("p:2", "d"), Entered::too_many);
  EXPECT_TRUE(channels.remove_presence(*channels.find("p:1", now), "a", now));
  EXPECT_FALSE(channels.remove_presence(*channels.find("p:1", now), "a", now));
  EXPECT_EQ(add_presence("p:2", "d"), Entered::is_new);
  advance(1h);
  EXPECT_EQ(channels.size(), 2u) << "a client is present";
  channels.remove_presence(*channels.find("p:1", now), "b", now);
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
