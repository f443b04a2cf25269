#include <random>

#include <gtest/gtest.h>

#include "pair/pair.h"

// Connections that are lost, and what was missed meanwhile.
namespace usher::test {
namespace {

using namespace std::chrono_literals;
using client::Status;
using Texts = std::vector<std::string>;

class PairLossTest : public testing::Test {
 protected:
  void connect() {
    pair.client.subscribe("kept:1");
    pair.client.connect();
    ASSERT_TRUE(pair.run_until_connected());
    pair.client.subscribed.clear();
  }

  Pair pair;
};

TEST_F(PairLossTest, MessagesThatWereMissedComeAfterACutInOrderAndOnce) {
  connect();
  pair.gateway.publish("kept:1", "1");
  pair.run_for(1s);
  pair.gateway.publish("kept:1", "2");  // on its way when the line is cut
  pair.client.line()->cut();
  EXPECT_EQ(pair.client.status(), Status::reconnecting);
  pair.gateway.publish("kept:1", "3");
  ASSERT_TRUE(pair.run_until_connected());
  pair.gateway.publish("kept:1", "4");
  pair.run_for(1s);
  EXPECT_EQ(pair.client.messages, (Texts{"1", "2", "3", "4"}));
  ASSERT_EQ(pair.client.subscribed.size(), 2u);
  EXPECT_EQ(pair.client.subscribed[1].channel, "kept:1");
  EXPECT_TRUE(pair.client.subscribed[1].recovered);
}

TEST_F(PairLossTest, AChannelWithoutHistorySaysThatMessagesMayBeLost) {
  pair.client.subscribe("live:1");
  connect();
  pair.client.line()->cut();
  pair.gateway.publish("live:1", "1");
  ASSERT_TRUE(pair.run_until_connected());
  EXPECT_EQ(pair.client.messages, Texts{});
  for (const auto& one : pair.client.subscribed) {
    EXPECT_EQ(one.recovered, one.channel == "kept:1") << one.channel;
  }
}

TEST_F(PairLossTest, TheServerGivesUpAClientWhosePongsAreLost) {
  connect();
  pair.network.loses_to_server = true;
  ASSERT_TRUE(pair.run_until([&] { return !pair.client.closes.empty(); }));
  EXPECT_EQ(pair.client.closes[0].code, 3012);
  EXPECT_EQ(pair.client.closes[0].reason, "NO_PONG");
  EXPECT_EQ(pair.client.status(), Status::reconnecting);
  pair.network.loses_to_server = false;
  EXPECT_TRUE(pair.run_until_connected());
  EXPECT_EQ(pair.gateway.hub().connections(), 1u);
}

TEST_F(PairLossTest, TheClientGivesUpAServerWhosePingsAreLost) {
  connect();
  const TimePoint silent_since = pair.time.now();
  pair.network.loses_to_client = true;
  ASSERT_TRUE(pair.run_until([&] { return pair.client.status() == Status::reconnecting; }));
  EXPECT_EQ(pair.time.now() - silent_since, 35s);  // the ping interval and 10 s of grace
  EXPECT_TRUE(pair.client.closes.empty());
  pair.network.loses_to_client = false;
  EXPECT_TRUE(pair.run_until_connected());
  EXPECT_EQ(pair.gateway.hub().connections(), 1u);
}

TEST_F(PairLossTest, WhileTheNetworkIsDownAttemptsBackOff) {
  connect();
  pair.run_for(10s);
  pair.network.is_down = true;
  pair.client.line()->cut();
  pair.run_for(10min);
  EXPECT_GE(pair.client.attempts, 10min / 6250ms);  // the longest delay: 5 s and a quarter
  EXPECT_LE(pair.client.attempts, 10min / 3750ms + 8);
  pair.network.is_down = false;
  EXPECT_TRUE(pair.run_until([&] { return pair.client.is_connected(); }, 7s));
}

TEST_F(PairLossTest, AConnectionThatTheClientHasAbandonedEndsAtTheServerToo) {
  pair.network.loses_to_client = true;
  pair.client.connect();
  ASSERT_TRUE(pair.run_until([&] { return pair.gateway.hub().connections() == 1; }));
  pair.run_for(11s);
  EXPECT_EQ(pair.client.attempts, 2);
  pair.network.loses_to_client = false;
  ASSERT_TRUE(pair.run_until_connected());
  pair.run_for(1s);
  EXPECT_EQ(pair.gateway.hub().connections(), 1u);
}

// Whatever the network does: on a channel with history each message comes once and in order.
void expect_everything_once(unsigned seed) {
  std::mt19937 random(seed);
  Pair pair(seed);
  pair.client.subscribe("kept:1");
  pair.client.connect();
  ASSERT_TRUE(pair.run_until_connected());
  Texts published;
  for (int i = 0; i < 100; ++i) {
    switch (random() % 8) {
      case 0:
        if (Line* const line = pair.client.line()) line->cut();
        break;
      case 1:
        pair.network.loses_to_client = !pair.network.loses_to_client;
        break;
      case 2:
        pair.network.loses_to_server = !pair.network.loses_to_server;
        break;
      case 3:
        pair.network.is_down = !pair.network.is_down;
        break;
      case 4:
        pair.network.delay = std::chrono::milliseconds(random() % 2000);
        break;
      default:
        published.push_back(std::to_string(i));
        pair.gateway.publish("kept:1", published.back());
    }
    pair.run_for(std::chrono::milliseconds(random() % 8000));
  }
  pair.network = {};
  // A frame that was lost without a cut is missed until the connection is.
  if (Line* const line = pair.client.line()) line->cut();
  ASSERT_TRUE(pair.run_until_connected());
  pair.run_for(1s);
  EXPECT_EQ(pair.client.messages, published);
  EXPECT_FALSE(pair.client.failure());
}

TEST(PairRandomLossTest, EveryMessageComesOnceAndInOrderWhateverTheNetworkDoes) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_everything_once(seed);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace usher::test
