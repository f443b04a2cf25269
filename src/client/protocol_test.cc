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

}  // namespace
}  // namespace usher::client
