#include "hub/live_connection.h"

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

LiveConnection connected(const char* client, int second) {
  return {.client = client,
          .session = "s",
          .user = {},
          .since = WallTime(std::chrono::seconds(second))};
}

std::vector<std::string> clients(const std::vector<LiveConnection>& connections) {
  std::vector<std::string> names;
  for (const LiveConnection& each : connections) names.push_back(each.client);
  return names;
}

TEST(LiveConnections, AreSortedTheOldestFirstAndCut) {
  std::vector<LiveConnection> all{connected("b", 2), connected("c", 1), connected("a", 2)};
  EXPECT_FALSE(sort_and_cut(all, 3));
  EXPECT_EQ(clients(all), (std::vector<std::string>{"c", "a", "b"}));
  EXPECT_TRUE(sort_and_cut(all, 2));
  EXPECT_EQ(clients(all), (std::vector<std::string>{"c", "a"}));
}

}  // namespace
}  // namespace usher::hub
