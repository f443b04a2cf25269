// Which shard gets which call from a home; tests/contract/broker_contract.h tests the answers.
#include "hub/memory_home.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/manual_shards.h"
#include "support/print_result.h"
#include "support/publications.h"
#include "support/seeded_entropy.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using Heard = std::vector<std::string>;
using Counted = MemoryHome::Counted;

class NotedSink final : public BrokerSink {
 public:
  void on_delivery(std::string_view channel, const Delivery& delivery) override {
    heard_.push_back(std::string(channel) + " " + std::to_string(delivery.offset));
  }
  void on_bound(std::string_view channel, const Owner& owner) override {
    heard_.push_back(std::string(channel) + " of " + owner.session + owner.user);
  }
  void on_deliveries_lost(std::string_view) override {}
  void on_connection_limit(ClientId client) override {
    heard_.push_back("limit " + std::to_string(client.value));
  }
  OrderAnswer on_order(const Order&) override { return {}; }

  Heard take() { return std::exchange(heard_, {}); }

 private:
  Heard heard_;
};

// The home is shard 1 of three.
class MemoryHomeTest : public testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t shard = 0; shard < 3; ++shard) sinks.attach(shard, sink[shard]);
    mail.act_as(1);
  }
  Result<Position, Error> publish(const std::string& channel, std::string key = "") {
    return home.publish({.channel = channel, .data = "1", .idempotency_key = std::move(key)});
  }

  test::ManualShards mail{3};
  test::ManualClock clock;
  test::SeededEntropy entropy;
  const ChannelRules rules{{.namespaces = {{.name = "kept", .history_size = 5, .history_ttl = 1min},
                                           {.name = "open"},
                                           {.name = "room", .presence = true, .join_leave = true},
                                           {.name = "job", .subscribe = Audience::owner}},
                            .unconfigured = {}}};
  NotedSink sink[3];
  ShardSinks sinks{mail, 3};
  MemoryHome home{{.connections_per_session_max = 2, .idempotency_keys_max = 1},
                  1,
                  {rules, clock, entropy, sinks}};
};

TEST_F(MemoryHomeTest, WithoutHistoryEveryShardGetsADelivery) {
  ASSERT_TRUE(publish("open:1"));
  EXPECT_EQ(sink[1].take(), Heard{"open:1 0"}) << "at home at once";
  EXPECT_EQ(sink[0].take(), Heard{}) << "the others by their mailbox";
  mail.run_all();
  EXPECT_EQ(sink[0].take(), Heard{"open:1 0"});
  EXPECT_EQ(sink[2].take(), Heard{"open:1 0"});
}

TEST_F(MemoryHomeTest, WithHistoryOnlyShardsThatWantTheChannelGetADelivery) {
  ASSERT_TRUE(home.want("kept:1", 2));
  ASSERT_TRUE(publish("kept:1"));
  mail.run_all();
  EXPECT_EQ(sink[0].take(), Heard{});
  EXPECT_EQ(sink[2].take(), Heard{"kept:1 1"});
  home.want_no_more("kept:1", 2);
  ASSERT_TRUE(publish("kept:1"));
  mail.run_all();
  EXPECT_EQ(sink[2].take(), Heard{});
  EXPECT_EQ(home.history("kept:1", {})->publications.size(), 2u);
}

TEST_F(MemoryHomeTest, ABindingReachesEveryShardBeforeTheNextPublication) {
  ASSERT_TRUE(home.bind("job:1", {.session = "s1", .user = ""}, 1h));
  ASSERT_TRUE(publish("job:1"));
  mail.run_all();
  for (NotedSink& each : sink) EXPECT_EQ(each.take(), (Heard{"job:1 of s1", "job:1 0"}));
  EXPECT_EQ(**home.owner("job:1"), (Owner{.session = "s1", .user = ""}));
  clock.advance(1h);
  home.tick();
  EXPECT_EQ(*home.owner("job:1"), std::nullopt);
}

TEST_F(MemoryHomeTest, ComingAndGoingIsToldOnce) {
  const ClientInfo who{.client = "c1", .user = "ada", .conn_info = "", .chan_info = ""};
  ASSERT_TRUE(home.add_presence("room:1", who));
  ASSERT_TRUE(home.add_presence("room:1", who));
  EXPECT_EQ(sink[1].take(), Heard{"room:1 0"});
  EXPECT_EQ(home.presence("room:1")->size(), 1u);
  EXPECT_EQ(*home.presence_stats("room:1"), (PresenceStats{1, 1}));
  home.remove_presence("room:1", who);
  home.remove_presence("room:1", who);
  EXPECT_EQ(sink[1].take(), Heard{"room:1 0"});
  EXPECT_EQ(home.presence("room:1")->size(), 0u);
}

TEST_F(MemoryHomeTest, AnIdempotencyKeyPublishesOnceAndANewOneIsRefusedWhenTheTableIsFull) {
  const auto first = publish("kept:1", "k1");
  ASSERT_TRUE(first);
  EXPECT_EQ(*publish("kept:1", "k1"), *first);
  EXPECT_EQ(home.history("kept:1", {})->publications.size(), 1u);
  EXPECT_EQ(publish("kept:1", "k2").error(), Error::limit_exceeded);
  clock.advance(5min);
  home.tick();
  EXPECT_EQ(publish("kept:1", "k2")->offset, 2u);
}

TEST_F(MemoryHomeTest, TheOldestOfTooManyConnectionsHearsOfItOnItsShard) {
  home.add_connection(Counted::session, 7, {ClientId{1}, 0});
  home.add_connection(Counted::session, 7, {ClientId{2}, 1});
  home.add_connection(Counted::user, 7, {ClientId{1}, 0});
  EXPECT_EQ(home.sessions(), 1u);
  EXPECT_EQ(home.users(), 1u);
  home.add_connection(Counted::session, 7, {ClientId{3}, 2});
  mail.run_all();
  EXPECT_EQ(sink[0].take(), Heard{"limit 1"});
  home.add_connection(Counted::session, 7, {ClientId{4}, 2});
  EXPECT_EQ(sink[1].take(), Heard{"limit 2"}) << "at once on the home's own shard";
  home.remove_connection(Counted::session, 7, ClientId{3});
  home.remove_connection(Counted::session, 7, ClientId{4});
  home.remove_connection(Counted::user, 7, ClientId{1});
  EXPECT_EQ(home.sessions(), 0u);
  EXPECT_EQ(home.users(), 0u);
}

TEST_F(MemoryHomeTest, WhatANamespaceDoesNotKeepIsNotAvailable) {
  EXPECT_EQ(home.history("open:1", {}).error(), Error::not_available);
  EXPECT_EQ(home.history_remove("open:1").error(), Error::not_available);
  EXPECT_EQ(home.presence("open:1").error(), Error::not_available);
  EXPECT_EQ(home.presence_stats("open:1").error(), Error::not_available);
  EXPECT_EQ(home.bind("open:1", {.session = "s1", .user = ""}, 1h).error(), Error::not_available);
  EXPECT_EQ(publish("other:1").error(), Error::unknown_channel);
}

}  // namespace
}  // namespace usher::hub
