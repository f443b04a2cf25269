#include "config/nearest_key.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace usher::config {
namespace {

constexpr std::array<std::string_view, 4> kKnown{"client.allowed_origins", "client.ping_interval",
                                                 "log.level", "ticket.ttl"};

TEST(NearestKeyTest, DistanceCountsLettersAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("levle", "level"), 1u);
}

TEST(NearestKeyTest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest_key("client.alowed_origin", kKnown), "client.allowed_origins");
  EXPECT_EQ(nearest_key("log.levle", kKnown), "log.level");
  EXPECT_EQ(nearest_key("ping_interval", kKnown), "client.ping_interval");
  EXPECT_EQ(nearest_key("server.ping_interval", kKnown), "client.ping_interval");
}

TEST(NearestKeyTest, SaysNothingWhenNoneIsNear) {
  EXPECT_EQ(nearest_key("hello", kKnown), std::nullopt);
  EXPECT_EQ(nearest_key("", kKnown), std::nullopt);
  EXPECT_EQ(nearest_key(std::string(100'000, 'x'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace usher::config
