// Channels with history and presence, and hubs with subscribers on them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hub/hub.h"
#include "support/hub_cluster.h"
#include "support/print_result.h"
#include "support/publications.h"

namespace usher::hub {

using test::HubCluster;
using test::offsets_of;
using test::TestSubscriber;
using Told = std::vector<std::string>;

inline ChannelRulesOptions subscribing_rules() {
  return {.namespaces = {
              {.name = "news",
               .subscribe = Audience::anyone,
               .publish = Audience::anyone,
               .history_size = 5,
               .history_ttl = std::chrono::minutes(1),
               .recovery = true},
              {.name = "kept",
               .subscribe = Audience::anyone,
               .history_size = 5,
               .history_ttl = std::chrono::minutes(1)},
              {.name = "plain", .subscribe = Audience::anyone},
              {.name = "room", .subscribe = Audience::anyone, .presence = true, .join_leave = true},
              {.name = "user",
               .history_size = 5,
               .history_ttl = std::chrono::minutes(1),
               .recovery = true}}};
}

// The push of a publication whose data is its offset.
inline std::string live(const std::string& channel, std::uint64_t offset) {
  const std::string n = std::to_string(offset);
  return R"({"push":{"channel":")" + channel + R"(","pub":{"data":)" + n + R"(,"offset":)" + n +
         "}}}";
}

// The parameter is the number of shards.
class SubscribingTest : public testing::TestWithParam<std::size_t> {
 protected:
  // Publishes messages whose data is their offset.
  void publish(std::size_t count, const std::string& channel = "news:1") {
    for (std::size_t i = 0; i < count; ++i) {
      ++published;
      const std::size_t shard = published % GetParam();
      const auto position = cluster.publish(channel, std::to_string(published), shard);
      ASSERT_TRUE(position);
      ASSERT_EQ(position->offset, published);
      epoch = position->epoch;
    }
  }

  HubCluster cluster{
      subscribing_rules(),
      GetParam(),
      1,
      {.recovery_publications_max = 4, .recovery_bytes_max = 400, .held_back_max = 3}};
  std::uint64_t published = 0;
  std::string epoch;
};

}  // namespace usher::hub
