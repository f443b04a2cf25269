#include "session/replies.h"

#include "session/session_fixture.h"

namespace usher::session {
namespace {

using Sent = std::vector<std::string>;

class RepliesTest : public testing::Test {
 protected:
  RecordingOutlet outlet;
  Replies replies{outlet};
};

TEST_F(RepliesTest, RepliesOfOneFrameLeaveTogetherInTheirOrder) {
  {
    const Replies::Frame frame(replies);
    replies.add("1");
    replies.add("2");
    EXPECT_TRUE(outlet.sent.empty());
    replies.flush();
    EXPECT_EQ(outlet.sent, Sent{"1\n2"});
    replies.flush();
    EXPECT_EQ(outlet.sent.size(), 1u) << "nothing is gathered";
  }
  replies.add("3");
  EXPECT_EQ(outlet.sent, (Sent{"1\n2", "3"})) << "without a frame, a reply leaves at once";
}

TEST_F(RepliesTest, ADeliveryDoesNotOvertakeWhatIsGathered) {
  const Replies::Frame frame(replies);
  replies.add("1");
  replies.deliver(wire::make_text_frame("push"));
  replies.add("2");
  replies.flush();
  EXPECT_EQ(outlet.sent, (Sent{"1", "push", "2"}));
}

TEST_F(RepliesTest, LargeRepliesAreNotGathered) {
  const Replies::Frame frame(replies);
  const std::string large(Replies::kGatheredBytesMax - 1, 'x');
  replies.add(large);
  EXPECT_TRUE(outlet.sent.empty());
  replies.add("");
  EXPECT_EQ(outlet.sent, Sent{large + "\n"}) << "the limit is reached";
  replies.add("2");
  EXPECT_EQ(outlet.sent.size(), 1u);
}

TEST_F(RepliesTest, WhatIsGatheredTakesRoom) {
  outlet.room = 10;
  EXPECT_EQ(replies.room_bytes(), 10u);
  const Replies::Frame frame(replies);
  replies.add("1234");
  EXPECT_EQ(replies.room_bytes(), 6u);
  replies.add("1234567");
  EXPECT_EQ(replies.room_bytes(), 0u);
}

TEST_F(RepliesTest, AFrameThatEndsUnsentDropsItsReplies) {
  {
    const Replies::Frame frame(replies);
    replies.add("1");
  }
  replies.flush();
  EXPECT_TRUE(outlet.sent.empty());
}

}  // namespace
}  // namespace usher::session
