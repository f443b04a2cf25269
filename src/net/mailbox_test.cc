#include "net/mailbox.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "net/turn_budget.h"
#include "support/manual_clock.h"

namespace usher::net {
namespace {

struct MailboxTest : testing::Test {
  void post(int count) {
    for (int i = 0; i < count; ++i) mailbox.post([this] { ++done; });
  }

  Poller poller;
  Congestion congestion;
  test::ManualClock clock;
  int done = 0;
  int broken = 0;
  Mailbox mailbox{poller, congestion, clock, [this](const std::exception&) { ++broken; }, 4};
};

TEST_F(MailboxTest, TasksRunInTheirOrderAndThoseTheyPostInTheNextBatch) {
  std::vector<int> order;
  mailbox.post([&] {
    order.push_back(1);
    mailbox.post([&] { order.push_back(3); });
  });
  mailbox.post([&] { order.push_back(2); });
  mailbox.run();
  EXPECT_EQ(order, (std::vector{1, 2}));
  mailbox.run();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST_F(MailboxTest, PostingWakesThePoller) {
  post(1);
  poller.handle_ready(TurnBudget(clock));
  EXPECT_EQ(done, 1);
}

TEST_F(MailboxTest, AtItsBoundItSaysThatItIsBehindAndLosesNothing) {
  post(3);
  EXPECT_FALSE(congestion.any());
  post(1);
  EXPECT_TRUE(congestion.any());
  post(100);
  mailbox.run();
  EXPECT_EQ(done, 104);
  EXPECT_FALSE(congestion.any());
}

TEST_F(MailboxTest, ItIsBehindUntilHalfOfItIsGone) {
  mailbox.post([this] { post(3); });
  post(3);
  mailbox.run();
  EXPECT_TRUE(congestion.any()) << "three are there again";
  mailbox.run();
  EXPECT_FALSE(congestion.any());
}

TEST_F(MailboxTest, OneThatGoesAwayHoldsNobodyUp) {
  {
    Mailbox other(
        poller, congestion, clock, [](const std::exception&) {}, 1);
    other.post([] {});
    EXPECT_TRUE(congestion.any());
  }
  EXPECT_FALSE(congestion.any());
}

TEST_F(MailboxTest, OneRunTakesOneBudgetAndWhatIsLeftComesFirstInTheNext) {
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    mailbox.post([&, i] {
      order.push_back(i);
      clock.advance(kTurnBudget / 2);
    });
  }
  mailbox.run();
  EXPECT_EQ(order, (std::vector{0, 1}));
  EXPECT_TRUE(mailbox.has_left_over());
  mailbox.post([&] { order.push_back(5); });
  mailbox.run();
  mailbox.run();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
  EXPECT_FALSE(mailbox.has_left_over());
  mailbox.run();
  EXPECT_EQ(order.back(), 5);
}

TEST_F(MailboxTest, WhatABudgetLeavesOverCountsForBeingBehind) {
  mailbox.post([this] { clock.advance(kTurnBudget); });
  post(3);
  EXPECT_TRUE(congestion.any());
  mailbox.run();
  EXPECT_TRUE(congestion.any()) << "three are left";
  mailbox.run();
  EXPECT_EQ(done, 3);
  EXPECT_FALSE(congestion.any());
}

TEST_F(MailboxTest, ATaskThatThrowsCostsNoOther) {
  mailbox.post([] { throw std::runtime_error("broken"); });
  post(2);
  mailbox.run();
  EXPECT_EQ(broken, 1);
  EXPECT_EQ(done, 2);
}

// While tasks are left over, their event must not be taken for the event of later tasks.
TEST_F(MailboxTest, ATaskPostedWhileOthersAreLeftOverIsNotForgotten) {
  for (int i = 0; i < 3; ++i) mailbox.post([this] { clock.advance(kTurnBudget / 2); });
  poller.handle_ready(TurnBudget(clock));
  ASSERT_TRUE(mailbox.has_left_over());
  post(1);
  mailbox.run();  // as the shard does at the beginning of a turn
  EXPECT_FALSE(mailbox.has_left_over());
  EXPECT_EQ(done, 0);
  poller.handle_ready(TurnBudget(clock));
  EXPECT_EQ(done, 1);
  post(1);
  poller.handle_ready(TurnBudget(clock));
  EXPECT_EQ(done, 2);
}

// The budget is spent in the middle of a batch. The next turn begins behind it, so that sockets at
// the front of the kernel's list do not keep the others waiting.
TEST_F(MailboxTest, SocketsBehindASpentBudgetComeFirstInTheNextTurn) {
  struct Ready final : Pollable {
    void on_events(std::uint32_t) override {
      order->push_back(name);
      clock->advance(kTurnBudget);
    }
    int name = 0;
    std::vector<int>* order = nullptr;
    test::ManualClock* clock = nullptr;
  };
  std::vector<int> order;
  Ready ready[3];
  std::vector<Fd> events;
  for (int i = 0; i < 3; ++i) {
    ready[i].name = i;
    ready[i].order = &order;
    ready[i].clock = &clock;
    events.emplace_back(eventfd(1, EFD_CLOEXEC));
    ASSERT_TRUE(poller.add(events.back().get(), EPOLLIN, ready[i]));
  }
  for (int turn = 0; turn < 6; ++turn) {
    EXPECT_TRUE(poller.handle_ready(TurnBudget(clock)).may_be_more || turn % 3 == 2);
  }
  for (int name = 0; name < 3; ++name) {
    EXPECT_EQ(std::count(order.begin(), order.end(), name), 2) << name;
  }
}

}  // namespace
}  // namespace usher::net
