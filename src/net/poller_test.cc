#include "net/poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "support/manual_clock.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

class Ear final : public Pollable {
 public:
  void on_events(std::uint32_t events) override {
    heard.push_back(events);
    if (then) then();
  }
  std::vector<std::uint32_t> heard;
  std::function<void()> then;
};

class PollerTest : public testing::Test {
 protected:
  // A socket in the set, with its other end.
  struct Line {
    Fd ours, peer;
    Ear ear;
  };
  Line& line(std::uint32_t events) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    lines.push_back(std::make_unique<Line>(Fd(ends[0]), Fd(ends[1])));
    EXPECT_TRUE(poller.add(ends[0], events, lines.back()->ear));
    return *lines.back();
  }
  static void say(const Line& line) { ASSERT_EQ(send(line.peer.get(), "x", 1, 0), 1); }
  Poller::Handled handle() { return poller.handle_ready(TurnBudget(clock)); }

  test::ManualClock clock;
  Poller poller;
  std::vector<std::unique_ptr<Line>> lines;
};

TEST_F(PollerTest, SaysWhichEventsHaveComeAndSaysThemAgainWhileTheyLast) {
  Line& quiet = line(EPOLLIN);
  Line& speaking = line(EPOLLIN);
  EXPECT_EQ(handle().count, 0u);
  say(speaking);
  for (int i = 0; i < 2; ++i) {
    const Poller::Handled handled = handle();
    EXPECT_EQ(handled.count, 1u);
    EXPECT_FALSE(handled.may_be_more);
  }
  EXPECT_EQ(speaking.ear.heard, (std::vector<std::uint32_t>{EPOLLIN, EPOLLIN}));
  EXPECT_TRUE(quiet.ear.heard.empty());
}

TEST_F(PollerTest, ModifiedEventsReplaceTheFormerOnes) {
  Line& each = line(EPOLLIN);
  say(each);
  EXPECT_TRUE(poller.modify(each.ours.get(), EPOLLOUT, each.ear));
  handle();
  EXPECT_EQ(each.ear.heard, std::vector<std::uint32_t>{EPOLLOUT});
  EXPECT_TRUE(poller.modify(each.ours.get(), 0, each.ear));
  EXPECT_EQ(handle().count, 0u);
}

TEST_F(PollerTest, AHangUpIsSaidWhateverEventsWereAskedFor) {
  Line& each = line(0);
  each.peer.reset();
  handle();
  ASSERT_EQ(each.ear.heard.size(), 1u);
  EXPECT_TRUE(each.ear.heard[0] & EPOLLHUP);
}

TEST_F(PollerTest, AClosedDescriptorLeavesTheSet) {
  Line& each = line(EPOLLIN);
  say(each);
  each.ours.reset();
  EXPECT_EQ(handle().count, 0u);
}

TEST_F(PollerTest, TheKernelRefusesADescriptorThatIsNone) {
  Ear ear;
  EXPECT_FALSE(poller.add(-1, EPOLLIN, ear));
  EXPECT_FALSE(poller.modify(-1, EPOLLIN, ear));
}

// Otherwise the first sockets of the set would be handled again and again, and the last never.
TEST_F(PollerTest, WhenTheBudgetIsSpentTheNextCallBeginsWithTheSocketsThatWereLeftOver) {
  for (int i = 0; i < 5; ++i) {
    Line& each = line(EPOLLIN);
    each.ear.then = [this] { clock.advance(kTurnBudget / 2); };
    say(each);
  }
  for (int turn = 0; turn < 5; ++turn) {
    const Poller::Handled handled = handle();
    EXPECT_EQ(handled.count, 2u);
    EXPECT_TRUE(handled.may_be_more);
  }
  for (const auto& each : lines) EXPECT_EQ(each->ear.heard.size(), 2u);
}

TEST_F(PollerTest, AFullBatchSaysThatThereMayBeMore) {
  for (std::size_t i = 0; i < Poller::kBatch + 1; ++i) say(line(EPOLLIN));
  const Poller::Handled handled = handle();
  EXPECT_EQ(handled.count, Poller::kBatch);
  EXPECT_TRUE(handled.may_be_more);
}

}  // namespace
}  // namespace usher::net
