#include "bench/load/storm_client.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

class StormClientTest : public testing::Test {
 protected:
  wire::JsonReader json;
};

TEST_F(StormClientTest, TheFirstWishIsForTheChannelAlone) {
  EXPECT_EQ(make_wish("bench:all", {}), R"({"subs":{"bench:all":{}}})");
}

TEST_F(StormClientTest, ARecoverableChannelIsWishedFromWhereItWas) {
  const StormPosition position{.epoch = "qFhv", .offset = 41, .recoverable = true};
  EXPECT_EQ(make_wish("bench:all", position),
            R"({"subs":{"bench:all":{"recover":true,"epoch":"qFhv","offset":41}}})");
}

TEST_F(StormClientTest, AConnectPushTellsPositionRecoveryAndSpread) {
  const auto position = read_position(
      json,
      R"({"push":{"connect":{"client":"c","reconnect_spread_ms":3000,"subs":{"session:s":{},)"
      R"("bench:all":{"recoverable":true,"epoch":"e","offset":7,"was_recovering":true,)"
      R"("recovered":true,"publications":[{"data":"#00000003x","offset":7}]}}}}})",
      "bench:all");
  ASSERT_TRUE(position);
  EXPECT_EQ(position->epoch, "e");
  EXPECT_EQ(position->offset, 7u);
  EXPECT_EQ(position->spread_ms, 3000);
  EXPECT_TRUE(position->recoverable && position->was_recovering && position->recovered);
  EXPECT_EQ(position->publications, R"([{"data":"#00000003x","offset":7}])");
}

TEST_F(StormClientTest, AChannelThatWasRefusedOrIsNotThereHasNoPosition) {
  const char* const refused =
      R"({"push":{"connect":{"subs":{"bench:all":{"error":{"code":103,"message":"m"}}}}}})";
  EXPECT_FALSE(read_position(json, refused, "bench:all"));
  EXPECT_FALSE(read_position(json, R"({"push":{"connect":{"subs":{}}}})", "bench:all"));
  EXPECT_FALSE(read_position(json, "no JSON", "bench:all"));
}

TEST_F(StormClientTest, ARefusalTellsWhenToComeAgain) {
  const auto place = read_given_delay(json, R"({"retry_after_ms":4500,"place":true})");
  EXPECT_EQ(place.ms, 4500);
  EXPECT_TRUE(place.place);
  const auto limit = read_given_delay(json, R"({"code":"RATE_LIMITED","retry_after_ms":900})");
  EXPECT_EQ(limit.ms, 900);
  EXPECT_FALSE(limit.place);
  EXPECT_EQ(read_given_delay(json, "<html>").ms, 0);
  EXPECT_EQ(read_given_delay(json, R"({"retry_after_ms":-5})").ms, 0);
}

}  // namespace
}  // namespace usher::bench
