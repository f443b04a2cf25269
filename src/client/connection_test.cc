#include "client/connection.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace usher::client {
namespace {

using namespace std::chrono_literals;

Connection connection(std::string_view push) {
  return Connection(boost::json::parse(push).get_object(), Instant{});
}

TEST(ConnectionTest, IsGivenUpTenSecondsAfterAPingShouldHaveCome) {
  EXPECT_EQ(connection(R"({"ping":25})").ping_due(Instant(1s)), Instant(36s));
  EXPECT_EQ(connection(R"({"ping":0.5})").ping_due(Instant{}), Instant(10500ms));
}

TEST(ConnectionTest, WithoutAnUsablePingItIsNeverGivenUp) {
  for (const char* push : {"{}", R"({"ping":0})", R"({"ping":-1})", R"({"ping":"25"})"}) {
    EXPECT_EQ(connection(push).ping_due(Instant{}), std::nullopt) << push;
  }
  EXPECT_TRUE(connection(R"({"ping":1e300})").ping_due(Instant{}));
}

TEST(ConnectionTest, IsStableAfterFiveSeconds) {
  EXPECT_FALSE(connection("{}").is_stable(Instant(4999ms)));
  EXPECT_TRUE(connection("{}").is_stable(Instant(5s)));
}

TEST(ConnectionTest, OnlyATruePongIsWanted) {
  EXPECT_TRUE(connection(R"({"pong":true})").wants_pong());
  EXPECT_FALSE(connection(R"({"pong":1})").wants_pong());
  EXPECT_FALSE(connection("{}").wants_pong());
}

TEST(ConnectionTest, ANegativeSpreadIsNone) {
  EXPECT_EQ(connection(R"({"reconnect_spread_ms":-5})").spread_ms(), 0);
  EXPECT_EQ(connection(R"({"reconnect_spread_ms":1500})").spread_ms(), 1500);
}

TEST(ConnectionTest, ADisconnectPushSaysHowLongToStayAway) {
  Connection live = connection("{}");
  EXPECT_EQ(live.given().ms, 0);
  live.announce_end({{"retry_after_ms", 1500}, {"place", true}}, Instant(5s));
  EXPECT_EQ(live.given().ms, 1500);
  EXPECT_TRUE(live.given().place);
  live.announce_end({{"retry_after_ms", -1}}, Instant(5s));
  EXPECT_EQ(live.given().ms, 0);
  EXPECT_FALSE(live.given().place);
}

}  // namespace
}  // namespace usher::client
