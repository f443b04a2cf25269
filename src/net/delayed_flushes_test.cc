#include "net/delayed_flushes.h"

#include "net/turns_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

class DelayedFlushesTest : public TurnsFixture {
 protected:
  // A WebSocket to which the session can send.
  struct Line {
    Fd peer;
    edge::Outlet* outlet;
  };
  Line line() {
    Fd peer = connect_web_socket();
    return {std::move(peer), application.outlet};
  }
  static void gather(const Line& line, const std::string& text, Duration delay,
                     std::uint32_t latest_of = 0) {
    line.outlet->gather_frame(wire::make_text_frame(text),
                              {.write_delay = delay, .latest_of = latest_of});
  }
  static std::string texts(const std::vector<std::string>& all) {
    std::string bytes;
    for (const std::string& text : all) bytes += *wire::make_text_frame(text);
    return bytes;
  }
};

TEST_F(DelayedFlushesTest, MessagesOfOneWindowLeaveTogetherWhenItEnds) {
  const Line one = line(), two = line();
  gather(one, "1", 25ms);
  turn(10ms);
  gather(one, "2", 25ms);
  gather(two, "2", 25ms);
  turn(14ms);
  EXPECT_EQ(receive(one.peer), "");
  EXPECT_EQ(context.delayed_flushes().next(), context.now() + 1ms);
  turn(1ms);
  EXPECT_EQ(receive(one.peer), texts({"1", "2"}));
  EXPECT_EQ(receive(two.peer), texts({"2"})) << "it waits no longer than the window of all";
  EXPECT_EQ(context.delayed_flushes().next(), std::nullopt);
}

TEST_F(DelayedFlushesTest, WhateverElseLeavesTakesWhatWaitsAlongInItsOrder) {
  const Line one = line();
  gather(one, "first", 1s);
  one.outlet->send_text("reply");
  gather(one, "second", 1s);
  turn();
  EXPECT_EQ(receive(one.peer), texts({"first", "reply", "second"}));
  gather(one, "third", 1s);
  turn(1s);
  EXPECT_EQ(receive(one.peer), texts({"third"}));
}

TEST_F(DelayedFlushesTest, ACloseFrameComesAfterWhatWaits) {
  const Line one = line();
  gather(one, "last", 1s);
  one.outlet->close({wire::CloseCode::going_away, "BYE"});
  turn();
  const std::string got = receive(one.peer);
  EXPECT_TRUE(got.starts_with(texts({"last"}))) << got;
  EXPECT_NE(got.find("BYE"), std::string::npos);
}

TEST_F(DelayedFlushesTest, EachDelayHasAWindowOfItsOwn) {
  const Line one = line(), two = line();
  gather(one, "slow", 100ms);
  gather(two, "fast", 5ms);
  turn(5ms);
  EXPECT_EQ(receive(one.peer), "");
  EXPECT_EQ(receive(two.peer), texts({"fast"}));
  gather(one, "fast", 5ms);
  turn(5ms);
  EXPECT_EQ(receive(one.peer), texts({"slow", "fast"}));
  turn(90ms);
  EXPECT_EQ(context.delayed_flushes().next(), std::nullopt);
}

TEST_F(DelayedFlushesTest, WithoutAFreeWindowNothingWaits) {
  std::vector<Line> lines;
  for (std::size_t i = 0; i < DelayedFlushes::kWindowsMax + 1; ++i) {
    lines.push_back(line());
    gather(lines.back(), "x", Duration(10ms) + i * Duration(1ms));
  }
  turn();
  for (std::size_t i = 0; i < DelayedFlushes::kWindowsMax; ++i) {
    EXPECT_EQ(receive(lines[i].peer), "");
  }
  EXPECT_EQ(receive(lines.back().peer), texts({"x"}));
  turn(1s);
  for (std::size_t i = 0; i < DelayedFlushes::kWindowsMax; ++i) {
    EXPECT_EQ(receive(lines[i].peer), texts({"x"}));
  }
}

TEST_F(DelayedFlushesTest, WhatFillsAWriteLeavesAtOnce) {
  const Line one = line();
  const std::string large(JoinBuffer::kJoinedMax, 'x');
  gather(one, "small", 1s);
  turn();
  EXPECT_EQ(receive(one.peer), "");
  gather(one, large, 1s);
  turn();
  EXPECT_EQ(receive(one.peer), texts({"small", large}));
}

TEST_F(DelayedFlushesTest, OfTheLatestOnlyTheNewestLeaves) {
  const Line one = line();
  gather(one, "old", 25ms, 7);
  gather(one, "event", 25ms);
  gather(one, "new", 25ms, 7);
  turn(25ms);
  EXPECT_EQ(receive(one.peer), texts({"new", "event"}));
}

// The window refers to the socket.
TEST_F(DelayedFlushesTest, ASocketThatIsLostIsKeptUntilItsWindowEnds) {
  {
    const Line one = line();
    gather(one, "x", 1s);
  }
  turn();
  EXPECT_EQ(count_heard("closed:"), 1u);
  turn(1s);
  turn();
  EXPECT_EQ(application.sockets, 0);
  EXPECT_EQ(context.delayed_flushes().next(), std::nullopt);
}

}  // namespace
}  // namespace usher::net
