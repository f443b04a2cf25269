#include "client/protocol.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

TEST(ProtocolTest, StatusesHaveTheNamesOfTheContract) {
  EXPECT_EQ(to_string(Status::disconnected), "disconnected");
  EXPECT_EQ(to_string(Status::connecting), "connecting");
  EXPECT_EQ(to_string(Status::connected), "connected");
  EXPECT_EQ(to_string(Status::reconnecting), "reconnecting");
}

TEST(ProtocolTest, StagesHaveTheNamesOfTheScenarios) {
  EXPECT_EQ(to_string(Stage::idle), "idle");
  EXPECT_EQ(to_string(Stage::waiting), "waiting");
  EXPECT_EQ(to_string(Stage::token), "token");
  EXPECT_EQ(to_string(Stage::ticket), "ticket");
  EXPECT_EQ(to_string(Stage::socket), "socket");
  EXPECT_EQ(to_string(Stage::connected), "connected");
}

}  // namespace
}  // namespace usher::client
