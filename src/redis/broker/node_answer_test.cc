#include "redis/broker/node_answer.h"

#include <gtest/gtest.h>

#include "hub/broker.h"

namespace usher::redis {
namespace {

TEST(NodeAnswer, CountsAreSummedAndDistinctHashesAreKeptOnce) {
  NodeAnswer one;
  one.answer.connections = 1;
  one.answer.channels = {{"a", 1}, {"b", 2}};
  one.answer.info.clients = 3;
  one.answer.info.subscriptions = 4;
  one.answer.nodes = {{.uid = "n1", .version = "1", .uptime_s = 1, .info = {}}};
  one.answer.channel_hashes = {1, 2};
  one.sessions = {5};
  one.users = {7, 8};
  NodeAnswer other;
  other.answer.connections = 10;
  other.answer.channels = {{"b", 20}, {"c", 30}};
  other.answer.truncated = true;
  other.answer.info.clients = 30;
  other.answer.info.subscriptions = 40;
  other.answer.nodes = {{.uid = "n2", .version = "1", .uptime_s = 1, .info = {}}};
  other.answer.channel_hashes = {2, 3};
  other.sessions = {5, 6};
  other.users = {8};

  NodeAnswer total;
  add_answer(total, one);
  EXPECT_FALSE(total.answer.truncated);
  add_answer(total, other);
  EXPECT_EQ(total.answer.connections, 11u);
  EXPECT_EQ(total.answer.channels,
            (std::map<std::string, std::uint64_t>{{"a", 1}, {"b", 22}, {"c", 30}}));
  EXPECT_TRUE(total.answer.truncated);
  EXPECT_EQ(total.answer.info.clients, 33u);
  EXPECT_EQ(total.answer.info.subscriptions, 44u);
  ASSERT_EQ(total.answer.nodes.size(), 2u);
  EXPECT_EQ(total.answer.nodes[1].uid, "n2");
  EXPECT_EQ(total.answer.channel_hashes, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(total.sessions, (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(total.users, (std::vector<std::uint64_t>{7, 8}));
}

TEST(NodeAnswer, TheFirstErrorStays) {
  NodeAnswer refusing;
  refusing.answer.refused = hub::Error::limit_exceeded;
  NodeAnswer refusing_later;
  refusing_later.answer.refused = hub::Error::internal;
  NodeAnswer total;
  add_answer(total, NodeAnswer());
  add_answer(total, refusing);
  add_answer(total, refusing_later);
  add_answer(total, NodeAnswer());
  EXPECT_EQ(total.answer.refused, hub::Error::limit_exceeded);
}

}  // namespace
}  // namespace usher::redis
