#include "bench/load/fanout_message.h"

#include <gtest/gtest.h>

#include "wire/json.h"

namespace usher::bench {
namespace {

TEST(FanoutMessage, IsAJsonStringOfExactlyThatManyBytes) {
  wire::JsonReader json;
  for (const std::size_t bytes : {kMessageBytesMin, std::size_t{13}, std::size_t{128}}) {
    const std::string message = make_message(42, bytes);
    EXPECT_EQ(message.size(), bytes);
    EXPECT_TRUE(json.is_valid(message)) << message;
    EXPECT_EQ(read_message_number(message), 42u);
  }
}

TEST(FanoutMessage, IsNeverShorterThanItsNumberNeeds) {
  EXPECT_EQ(make_message(99'999'999, 1).size(), kMessageBytesMin);
  EXPECT_EQ(read_message_number(make_message(99'999'999, 1)), 99'999'999u);
}

TEST(FanoutMessage, ItsNumberIsFoundInAPush) {
  EXPECT_EQ(read_message_number(R"({"push":{"channel":"bench:all","pub":{"data":"#00000107xx"}}})"),
            107u);
}

TEST(FanoutMessage, OtherFramesHoldNone) {
  for (const char* frame : {"", "{}", "\"#", "\"#0000010", "\"#0000010x\"", "queued messages: 1"}) {
    EXPECT_EQ(read_message_number(frame), std::nullopt) << frame;
  }
}

}  // namespace
}  // namespace usher::bench
