#include "net/mailbox.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace usher::net
