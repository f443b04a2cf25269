// What a broker promises of who is there: presence, the oldest of too many connections, and
// commands that reach them all.
#include <algorithm>

#include "contract/broker_contract.h"

namespace usher::test {
namespace {

using hub::ClientId;
using hub::ClientInfo;
using hub::PresenceStats;
using Offsets = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

ClientInfo somebody(const std::string& client, const std::string& user = "") {
  return {.client = client, .user = user, .conn_info = "", .chan_info = ""};
}

TEST_P(BrokerContract, PresenceListsWhoEnteredFromAnyShard) {
  ASSERT_TRUE(enter("room:1", somebody("a", "ada"), 0));
  ASSERT_TRUE(enter("room:1", somebody("b", "ada"), last_shard()));
  ASSERT_TRUE(
      enter("room:1", {.client = "c", .user = "", .conn_info = R"({"x":1})", .chan_info = ""}, 0));
  auto present = *presence("room:1", last_shard());
  std::sort(present.begin(), present.end(),
            [](const auto& a, const auto& b) { return a.client < b.client; });
  ASSERT_EQ(present.size(), 3u);
  EXPECT_EQ(present[0], somebody("a", "ada"));
  EXPECT_EQ(present[2].conn_info, R"({"x":1})");
  EXPECT_EQ(presence_stats("room:1"), (PresenceStats{3, 2}));
  leave("room:1", somebody("b", "ada"), last_shard());
  EXPECT_EQ(presence_stats("room:1"), (PresenceStats{2, 2}));
  EXPECT_EQ(presence_stats("room:2"), (PresenceStats{0, 0}));
  EXPECT_EQ(presence("room:2")->size(), 0u);
}

TEST_P(BrokerContract, EnteringAgainReplacesTheEntryAndTellsNobody) {
  subscribe_everywhere("room:1");
  ASSERT_TRUE(enter("room:1", somebody("a")));
  ASSERT_TRUE(enter("room:1", somebody("a", "ada")));
  EXPECT_EQ(presence("room:1")->at(0), somebody("a", "ada"));
  EXPECT_EQ(take_texts("room:1", last_shard()),
            Texts{R"({"push":{"channel":"room:1","join":{"info":{"user":"","client":"a"}}}})"});
  leave("room:1", somebody("a", "ada"));
  leave("room:1", somebody("a", "ada"));
  EXPECT_EQ(take_texts("room:1", last_shard()),
            Texts{R"({"push":{"channel":"room:1","leave":{"info":{"user":"ada","client":"a"}}}})"});
}

TEST_P(BrokerContract, PresenceAndJoinLeaveAreEachOnTheirOwn) {
  subscribe_everywhere("hall:1");
  subscribe_everywhere("door:1");
  subscribe_everywhere("live:1");
  for (const std::string channel : {"hall:1", "door:1", "live:1"}) {
    EXPECT_TRUE(enter(channel, somebody("a")));
  }
  EXPECT_EQ(presence("hall:1")->size(), 1u);
  EXPECT_EQ(presence("door:1").error(), Error::not_available);
  EXPECT_EQ(presence_stats("live:1").error(), Error::not_available);
  EXPECT_EQ(take_offsets("hall:1", 0), Offsets{});
  EXPECT_EQ(take_offsets("door:1", 0), Offsets{0});
  EXPECT_EQ(take_offsets("live:1", 0), Offsets{});
}

TEST_P(BrokerContract, TheOldestOfTooManyConnectionsIsNamedToItsShard) {
  static_assert(kContractSessionMax == 2 && kContractUserMax == 3);
  const auto connect = [&](std::uint64_t client, const char* session, const char* user,
                           std::size_t shard) {
    broker(shard).connected({client}, session, user);
    harness->settle();
  };
  const auto named = [&] {
    std::vector<ClientId> all;
    for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
      auto& there = sink(shard).over_limit;
      all.insert(all.end(), there.begin(), there.end());
      there.clear();
    }
    return all;
  };
  connect(1, "s1", "ada", last_shard());
  connect(2, "s1", "ada", 0);
  EXPECT_EQ(named(), std::vector<ClientId>{});
  broker(0).connected({3}, "s1", "");
  harness->settle();
  EXPECT_EQ(sink(last_shard()).over_limit, std::vector<ClientId>{{1}});
  EXPECT_EQ(named(), std::vector<ClientId>{{1}});
  broker(last_shard()).disconnected({1}, "s1", "ada");
  harness->settle();

  connect(4, "s2", "ada", 0);
  connect(5, "s3", "ada", last_shard());
  EXPECT_EQ(named(), std::vector<ClientId>{});
  connect(6, "s4", "ada", 0);
  EXPECT_EQ(named(), std::vector<ClientId>{{2}});
  connect(7, "s5", "", 0);
  connect(8, "s6", "", 0);
  EXPECT_EQ(named(), std::vector<ClientId>{}) << "guests are not one user";
}

TEST_P(BrokerContract, ACommandReachesEveryShardOnceAndTheAnswersAreAddedUp) {
  for (std::size_t shard = 0; shard <= last_shard(); ++shard) {
    sink(shard).answer.connections = shard + 1;
    sink(shard).answer.channels = {{"all", 1}, {"only" + std::to_string(shard), 2}};
    sink(shard).answer.info.clients = 10;
    sink(shard).answer.channel_hashes = {7, shard};
  }
  const auto answer = ask<hub::OrderAnswer>(
      [&](auto done) { broker(last_shard()).order(hub::InfoQuery{}, std::move(done)); });
  ASSERT_TRUE(answer);
  const std::size_t shards = harness->shards();
  EXPECT_EQ(answer->connections, shards * (shards + 1) / 2);
  EXPECT_EQ(answer->channels.at("all"), shards);
  EXPECT_EQ(answer->channels.size(), shards + 1);
  EXPECT_EQ(answer->info.clients, 10 * shards);
  EXPECT_EQ(answer->info.channels, shards + 1) << "distinct";
  for (std::size_t shard = 0; shard <= last_shard(); ++shard)
    EXPECT_EQ(sink(shard).commands.size(), 1u);

  broker(0).connected({1}, "s1", "ada");
  broker(last_shard()).connected({2}, "s1", "ada");
  broker(0).connected({3}, "s2", "");
  harness->settle();
  const auto info =
      ask<hub::OrderAnswer>([&](auto done) { broker().order(hub::InfoQuery{}, std::move(done)); });
  EXPECT_EQ(info->info.sessions, 2u);
  EXPECT_EQ(info->info.users, 1u);
}

}  // namespace
}  // namespace usher::test
