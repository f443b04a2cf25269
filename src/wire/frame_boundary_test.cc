#include "wire/frame_boundary.h"

#include <gtest/gtest.h>

#include <vector>

namespace usher::wire {
namespace {

constexpr MaskKey kMask{0x11, 0x22, 0x33, 0x44};

std::string frame(std::size_t payload, bool masked = false) {
  std::string bytes;
  const std::string text(payload, 'x');
  masked ? append_masked_frame(bytes, Opcode::binary, text, kMask)
         : append_frame(bytes, Opcode::binary, text);
  return bytes;
}

// The places in `bytes` at which a frame of ours may be put in, when they come `step` at a time.
std::vector<std::size_t> places(const std::string& bytes, std::size_t step) {
  FrameBoundary boundary;
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::size_t count = std::min(step, bytes.size() - at);
    EXPECT_EQ(boundary.follow({bytes.data() + at, count}), count);
    if (boundary.is_between_frames()) found.push_back(at + count);
  }
  return found;
}

TEST(FrameBoundary, BeginsBetweenTwoFrames) {
  const FrameBoundary boundary;
  EXPECT_TRUE(boundary.is_between_frames());
  EXPECT_FALSE(boundary.has_closed());
}

TEST(FrameBoundary, FindsTheEndOfFramesOfEachLength) {
  for (const bool masked : {false, true}) {
    std::string bytes;
    std::vector<std::size_t> ends;
    for (const std::size_t size : {0, 1, 125, 126, 127, 65535, 65536, 70000}) {
      bytes += frame(size, masked);
      ends.push_back(bytes.size());
    }
    EXPECT_EQ(places(bytes, 1), ends) << masked;
    EXPECT_EQ(places(bytes, bytes.size()), std::vector{bytes.size()}) << masked;
  }
}

TEST(FrameBoundary, DoesNotStopWithinAHeaderThatComesInPieces) {
  const std::string bytes = frame(70000, true);
  FrameBoundary boundary;
  for (std::size_t at = 0; at < kFrameHeaderBytesMax; ++at) {
    boundary.follow({bytes.data() + at, 1});
    EXPECT_FALSE(boundary.is_between_frames()) << at;
  }
}

TEST(FrameBoundary, FinishesTheFrameUnderWayAndNoMore) {
  const std::string first = frame(300);
  const std::string both = first + frame(5);
  FrameBoundary boundary;
  EXPECT_EQ(boundary.finish_frame(both), 0u);  // none is under way
  boundary.follow(std::span(both).first(10));
  EXPECT_EQ(boundary.finish_frame(std::span(both).subspan(10)), first.size() - 10);
  EXPECT_TRUE(boundary.is_between_frames());
  EXPECT_EQ(boundary.finish_frame(std::span(both).subspan(first.size())), 0u);
}

TEST(FrameBoundary, AcceptsWhatExtensionsMayUse) {
  const std::string bytes{"\xf3\x02zz", 4};  // all reserved bits, an unknown opcode
  EXPECT_EQ(places(bytes, 1), std::vector<std::size_t>{4});
}

TEST(FrameBoundary, TheLargestLengthNeverEnds) {
  std::string bytes{"\x82\x7f", 2};
  bytes.append(8, '\xff');
  FrameBoundary boundary;
  boundary.follow(bytes);
  const std::string more(100'000, 'x');
  EXPECT_EQ(boundary.finish_frame(more), more.size());
  EXPECT_FALSE(boundary.is_between_frames());
}

TEST(FrameBoundary, ReadsTheFirstCloseFrameOfEitherSide) {
  std::string server;
  append_close_frame(server, {4100, "see you"});
  std::string client;
  append_masked_frame(client, Opcode::close, server.substr(2), kMask);
  for (const std::string& close : {server, client}) {
    for (const std::size_t step : {std::size_t{1}, close.size() + 7}) {
      FrameBoundary boundary;
      const std::string bytes = close + frame(3);
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        boundary.follow({bytes.data() + at, std::min(step, bytes.size() - at)});
      }
      EXPECT_TRUE(boundary.has_closed());
      const auto seen = boundary.take_close();
      ASSERT_TRUE(seen);
      EXPECT_EQ(seen->code, 4100);
      EXPECT_EQ(seen->reason, "see you");
      EXPECT_FALSE(boundary.take_close());
      EXPECT_TRUE(boundary.has_closed());
    }
  }
}

TEST(FrameBoundary, ACloseFrameWithoutACodeHasNone) {
  for (const std::string& close : {std::string("\x88\x00", 2), std::string("\x88\x01\x03", 3)}) {
    FrameBoundary boundary;
    boundary.follow(close);
    const auto seen = boundary.take_close();
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->code, static_cast<std::uint16_t>(CloseCode::no_status));
    EXPECT_EQ(seen->reason, "");
  }
}

TEST(FrameBoundary, KeepsOnlyTheBeginningOfACloseFrameThatIsTooLong) {
  std::string close{"\x88\x7e\x10\x00", 4};  // 4096 bytes: no peer may send it
  close.append(4096, 'y');
  FrameBoundary boundary;
  boundary.follow(close);
  const auto seen = boundary.take_close();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->reason.size(), kCloseReasonBytesMax);
}

TEST(FrameBoundary, ACloseFrameUnderWayIsNoneYet) {
  FrameBoundary boundary;
  boundary.follow(std::string("\x88\x02\x03", 3));
  EXPECT_FALSE(boundary.has_closed());
  EXPECT_FALSE(boundary.take_close());
}

TEST(FrameBoundary, IsSmall) { EXPECT_LE(sizeof(FrameBoundary), 40u); }

}  // namespace
}  // namespace usher::wire
