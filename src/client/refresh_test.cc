#include "client/refresh.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

class RefreshTest : public testing::Test {
 protected:
  Millis moment(double ttl, double random) {
    r = random;
    refresh.begin(1, standing, {{"expires", true}, {"ttl", ttl}}, out);
    return refresh.due().value() - now;
  }

  double r = 0;
  Instant now{Millis(1'800'000'000'000)};
  SubscribeQueue queue;
  Refresh refresh{queue, [this] { return r; }};
  Standing standing;
  Output out;
};

TEST_F(RefreshTest, BeginsInTheLastQuarterOfALifeAtTheEarliestFiveMinutesBeforeItsEnd) {
  refresh.set_now(now);
  EXPECT_EQ(moment(60, 0), Millis(45'000));
  EXPECT_EQ(moment(60, 0.999), Millis(52'492));
  EXPECT_EQ(moment(1200, 0), Millis(900'000));
  EXPECT_EQ(moment(1204, 0), Millis(904'000));
  EXPECT_EQ(moment(3600, 0.5), Millis(3'375'000));
  EXPECT_EQ(moment(0.001, 0.5), Millis(1000));
  EXPECT_EQ(moment(31'536'000, 0), Millis(31'535'700'000));
  EXPECT_EQ(moment(1e300, 0), Millis(31'535'700'000));
}

TEST_F(RefreshTest, HasNothingToDoWithoutAnEnd) {
  refresh.set_now(now);
  refresh.begin(1, standing, {}, out);
  EXPECT_EQ(refresh.due(), std::nullopt);
  refresh.learn({{"expires", true}, {"ttl", 60}}, out);
  EXPECT_NE(refresh.due(), std::nullopt);
  refresh.learn({{"expires", true}, {"ttl", -0.5}}, out);
  EXPECT_EQ(refresh.due(), std::nullopt);
}

TEST_F(RefreshTest, AnErrorWithoutACodeIsForGood) {
  refresh.set_now(now);
  moment(60, 0);
  refresh.take(RefreshNow{}, out);
  refresh.take(TokenReady{1, "T", false}, out);
  refresh.take(TicketReady{1, "ticket", {}}, out);
  EXPECT_TRUE(refresh.is_unanswered());
  EXPECT_FALSE(refresh.take_reply(2, {{"error", json::object()}}, out));
  EXPECT_TRUE(refresh.take_reply(1, {{"error", {{"code", "x"}}}}, out));
  EXPECT_EQ(refresh.due(), std::nullopt);
  EXPECT_EQ(out.log.back().text, "[Auth] Refresh failed: error 0, connected until the token ends");
}

}  // namespace
}  // namespace usher::client
