#include "limits/forged_tickets.h"

#include <gtest/gtest.h>

#include <string>

#include "limits/node_rate.h"
#include "support/seeded_entropy.h"

namespace usher::limits {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

struct ForgedTicketsTest : testing::Test {
  void add(const char* address, int count) {
    for (int i = 0; i < count; ++i) forged.add(address, kStart);
  }

  test::SeededEntropy entropy;
  NodeRate rate{{20, 1s}};
  ForgedTickets forged{rate, entropy};
};

TEST_F(ForgedTicketsTest, WhileTheNodeHasRoomNobodyIsTurnedAway) {
  add("192.0.2.1", 19);
  EXPECT_TRUE(forged.peek("192.0.2.1", kStart));
}

TEST_F(ForgedTicketsTest, WhenItsRateIsUsedUpThoseWhoGuessAreAndAllOthersAreNot) {
  add("192.0.2.1", 20);
  EXPECT_FALSE(forged.peek("192.0.2.1", kStart));
  EXPECT_TRUE(forged.peek("192.0.2.2", kStart));
  EXPECT_EQ(rate.peek(kStart).retry_after, 50ms);
}

TEST_F(ForgedTicketsTest, AFewAreForgiven) {
  add("192.0.2.1", 20);
  add("192.0.2.2", 4);
  EXPECT_TRUE(forged.peek("192.0.2.2", kStart));
  add("192.0.2.2", 1);
  EXPECT_FALSE(forged.peek("192.0.2.2", kStart));
  EXPECT_EQ(forged.peek("192.0.2.2", kStart).retry_after, 2s);
}

TEST_F(ForgedTicketsTest, Ipv6IsOneAddressPerNetwork) {
  add("2001:db8::1", 20);
  EXPECT_FALSE(forged.peek("2001:db8::2", kStart));
  EXPECT_TRUE(forged.peek("2001:db8:0:1::1", kStart));
}

TEST_F(ForgedTicketsTest, ItPasses) {
  add("192.0.2.1", 20);
  EXPECT_TRUE(forged.peek("192.0.2.1", kStart + 50ms)) << "the node has room for one more";
  rate.take(kStart + 50ms);
  EXPECT_FALSE(forged.peek("192.0.2.1", kStart + 50ms));
  for (int i = 0; i < 100; ++i) rate.take(kStart + 2s);
  EXPECT_TRUE(forged.peek("192.0.2.1", kStart + 2s)) << "one more of its own";
}

}  // namespace
}  // namespace usher::limits
