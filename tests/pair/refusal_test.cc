#include <algorithm>

#include <gtest/gtest.h>

#include "pair/pair.h"

// Hard and soft failures, revocation, drain, and tokens that end.
namespace usher::test {
namespace {

using namespace std::chrono_literals;
using client::Status;

TEST(PairRefusalTest, ATicketThatOpensNothingStopsTheClient) {
  Pair pair;
  pair.client.ticket = std::string(32, '0');
  pair.client.connect();
  pair.run_for(1h);
  EXPECT_EQ(pair.client.status(), Status::disconnected);
  EXPECT_EQ(pair.client.attempts, 1);
  EXPECT_EQ(pair.client.failed_events, 1);
  ASSERT_TRUE(pair.client.failure());
  EXPECT_EQ(pair.client.failure()->code, 1008);
  EXPECT_EQ(pair.client.failure()->reason, "NOT_AUTHORIZED");
}

TEST(PairRefusalTest, AStoreThatSessionsCannotReachIsSoft) {
  Pair pair;
  pair.gateway.revocations_loaded.set_outdated();
  pair.client.connect();
  pair.run_for(30s);
  EXPECT_EQ(pair.client.status(), Status::reconnecting);
  EXPECT_GE(pair.client.attempts, 3);
  EXPECT_EQ(pair.client.closes.back().code, 1013);
  EXPECT_EQ(pair.client.closes.back().reason, "STORE_UNAVAILABLE");
  pair.gateway.revocations_loaded.set_loaded();
  EXPECT_TRUE(pair.run_until_connected());
}

TEST(PairRefusalTest, AStoreThatCannotTakeTicketsIsSoftAndItsRetryAfterIsKept) {
  Pair pair;
  pair.gateway.store_down.set(true);
  pair.client.connect();
  pair.run_for(1019ms);  // two ways, and less than the second of Retry-After
  EXPECT_EQ(pair.client.attempts, 1);
  EXPECT_TRUE(pair.client.closes.empty());
  pair.run_for(30s);
  EXPECT_GE(pair.client.attempts, 3);
  EXPECT_EQ(pair.client.status(), Status::reconnecting);
  pair.gateway.store_down.set(false);
  EXPECT_TRUE(pair.run_until_connected());
}

TEST(PairRefusalTest, ARevokedSessionIsEndedInTheMiddleAndStaysOut) {
  Pair pair;
  pair.client.subscribe("live:1");
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  pair.gateway.revoke("s1");
  pair.gateway.publish("live:1", "1");
  pair.run_for(10s);
  EXPECT_TRUE(pair.client.messages.empty());
  EXPECT_EQ(pair.client.status(), Status::disconnected);
  ASSERT_TRUE(pair.client.failure());
  EXPECT_EQ(pair.client.failure()->code, 3520);
  EXPECT_EQ(pair.client.failure()->reason, "SESSION_REVOKED");
  EXPECT_EQ(pair.gateway.hub().connections(), 0u);

  pair.client.connect();
  pair.run_for(10s);
  EXPECT_EQ(pair.client.failure()->status, 401);
  EXPECT_EQ(pair.client.failure()->reason, "SESSION_REVOKED");
}

TEST(PairRefusalTest, ARevocationBetweenTicketAndSocketIsHardToo) {
  Pair pair;
  pair.client.connect();
  pair.run_for(2 * pair.network.delay);  // the ticket is here, the upgrade on its way
  pair.gateway.revoke("s1");
  pair.run_for(10s);
  ASSERT_TRUE(pair.client.failure());
  EXPECT_EQ(pair.client.failure()->code, 3520);
  EXPECT_EQ(pair.client.attempts, 1);
}

// All are told at the same moment: only what the connect push said keeps them apart.
TEST(PairRefusalTest, AfterADrainClientsComeBackOverTheWindowOfTheSpread) {
  Pair pair;
  pair.gateway.options.reconnect_spread = 20s;
  std::vector<PairClient*> clients{&pair.client};
  while (clients.size() < 50) clients.push_back(&pair.add_client());
  for (PairClient* one : clients) one->connect();
  pair.run_for(6s);  // until they are stable
  pair.drain(1s);
  pair.run_for(pair.network.delay);
  EXPECT_EQ(pair.gateway.hub().connections(), 0u);
  pair.gateway.draining = false;

  std::vector<std::size_t> back;  // how many are connected, second by second
  for (int i = 0; i < 21; ++i) {
    const auto connected = [](const PairClient* one) { return one->is_connected(); };
    back.push_back(static_cast<std::size_t>(std::ranges::count_if(clients, connected)));
    pair.run_for(1s);
  }
  EXPECT_EQ(back[1], 0u);  // Retry-After is a lower bound
  EXPECT_GT(back[7], 5u);
  EXPECT_LT(back[7], 30u);
  EXPECT_GT(back[14], back[7] + 5);
  EXPECT_EQ(pair.gateway.hub().connections(), 50u);
  for (PairClient* one : clients) {
    EXPECT_EQ(one->closes.at(0).code, 1001);
    EXPECT_EQ(one->attempts, 2);
  }
}

TEST(PairTokenTest, ATokenIsReplacedBeforeItsEndAndTheSocketStays) {
  Pair pair;
  pair.client.token_life = 10s;
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  ASSERT_TRUE(pair.run_until([&] { return pair.client.tokens.size() == 3; }));
  pair.run_for(1s);
  EXPECT_TRUE(pair.client.closes.empty());
  EXPECT_TRUE(pair.client.is_connected());
  EXPECT_EQ(pair.client.attempts, 1);
  EXPECT_EQ(pair.client.tokens, (std::vector<std::string>{"token-1", "token-2", "token-3"}));
}

TEST(PairTokenTest, AStoredTokenThatHasEndedIsReplacedWithinTheAttempt) {
  Pair pair;
  pair.client.token_life = 10s;
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  pair.client.disconnect();
  pair.run_for(1min);
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  EXPECT_EQ(pair.client.attempts, 2);
  EXPECT_EQ(pair.client.tokens, (std::vector<std::string>{"token-1", "token-1", "token-2"}));
}

// A refresh takes longer than its stage: its answer comes after that of the next attempt's.
TEST(PairTokenTest, AnAnswerThatIsOvertakenByALaterOneIsDropped) {
  Pair pair;
  pair.client.token_delay = 30s;
  pair.client.connect();
  pair.run_for(9s);
  pair.client.token_delay = 0s;
  ASSERT_TRUE(pair.run_until_connected());
  EXPECT_EQ(pair.client.attempts, 2);
  ASSERT_EQ(pair.client.tokens.size(), 1u);
  const std::size_t lines_before = pair.client.log.size();
  pair.run_for(1min);  // the first answer comes
  EXPECT_EQ(pair.client.log.size(), lines_before);
  EXPECT_EQ(pair.client.tokens.size(), 1u);
  EXPECT_TRUE(pair.client.is_connected());
}

// Both calls are under way: the first one's answer must not pass for the second one's.
TEST(PairTokenTest, ALateAnswerIsNotTakenForThatOfThePresentAttempt) {
  Pair pair;
  pair.client.token_delay = 15s;
  pair.client.connect();
  pair.run_for(9s);
  pair.client.token_delay = 9s;
  pair.run_for(9s);  // the second attempt has begun after 10 s, and the first answer has come
  EXPECT_EQ(pair.client.attempts, 2);
  EXPECT_TRUE(pair.client.tokens.empty());
  EXPECT_EQ(pair.client.status(), Status::reconnecting);
  pair.run_for(2s);
  EXPECT_EQ(pair.client.tokens.size(), 1u);
  EXPECT_TRUE(pair.client.is_connected());
}

}  // namespace
}  // namespace usher::test
