#include "net/tunnel_frames.h"

#include <gtest/gtest.h>

#include "net/tunnel_fixture.h"

namespace usher::net {
namespace {

TEST(TunnelFramesTest, TheFirstCloseFrameOfEitherEndIsTheEnding) {
  TunnelFrames frames;
  EXPECT_EQ(frames.ending().code, 1006);
  frames.follow_client(client_text("a") + client_close("\x0F\xA0one"));
  EXPECT_TRUE(frames.client_has_closed());
  EXPECT_FALSE(frames.both_have_closed());
  frames.follow_upstream(server_frame(8, "\x0F\xA1two"));
  EXPECT_TRUE(frames.both_have_closed());
  EXPECT_EQ(frames.ending().code, 4000);
  EXPECT_EQ(frames.ending().reason, "one");
}

TEST(TunnelFramesTest, OnceACloseIsOrderedOnlyTheRestOfTheFrameUnderWayPasses) {
  TunnelFrames frames;
  const std::string frame = server_frame(1, "hello");
  EXPECT_EQ(frames.follow_upstream(frame + frame.substr(0, 1)), frame.size() + 1);
  frames.order_close(kBye);
  EXPECT_FALSE(frames.may_tell_client());
  EXPECT_EQ(frames.follow_upstream(frame.substr(1, 3)), 3u);
  EXPECT_EQ(frames.follow_upstream(frame.substr(4) + frame), frame.size() - 4);
  EXPECT_TRUE(frames.may_tell_client());
  EXPECT_EQ(frames.take_frame_for_client(), close_frame(kBye));
  EXPECT_FALSE(frames.is_ordered());
}

TEST(TunnelFramesTest, BehindACloseFrameOfTheUpstreamTheClientGetsNoOther) {
  TunnelFrames frames;
  frames.follow_upstream(server_frame(8, ""));
  frames.order_close(kBye);
  EXPECT_EQ(frames.take_frame_for_client(), "");
  EXPECT_EQ(frames.ending().code, 1005);
}

TEST(TunnelFramesTest, TheUpstreamGetsACloseFrameOnlyBetweenTwoFramesOfTheClient) {
  TunnelFrames frames;
  frames.order_close(kBye);
  EXPECT_EQ(frames.frame_for_upstream(), masked_close_frame(kBye));
  for (const char byte : client_text("hello")) {
    frames.follow_client({&byte, 1});
    const bool is_last = byte == 'o';
    EXPECT_EQ(frames.frame_for_upstream(), is_last ? masked_close_frame(kBye) : "");
  }
  frames.follow_client(client_close(""));
  EXPECT_EQ(frames.frame_for_upstream(), "");
}

TEST(TunnelFramesTest, AnOrderThatIsDroppedChangesNothing) {
  TunnelFrames frames;
  frames.order_close(kBye);
  frames.drop_order();
  const std::string two = server_frame(1, "a") + server_frame(1, "b");
  EXPECT_EQ(frames.follow_upstream(two), two.size());
}

}  // namespace
}  // namespace usher::net
