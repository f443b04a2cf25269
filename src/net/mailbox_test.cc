#include "net/mailbox.h"

#include <gtest/gtest.h>

#include <vector>

namespace usher::net {
namespace {

struct MailboxTest : testing::Test {
  void post(int count) {
    for (int i = 0; i < count; ++i) mailbox.post([this] { ++done; });
  }

  Poller poller;
  Congestion congestion;
  Mailbox mailbox{poller, congestion, 4};
  int done = 0;
};

TEST_F(MailboxTest, TasksRunInTheirOrderAndThoseTheyPostInTheNextBatch) {
  std::vector<int> order;
  mailbox.post([&] {
    order.push_back(1);
    mailbox.post([&] { order.push_back(3); });
  });
  mailbox.post([&] { order.push_back(2); });
  mailbox.run_batch();
  EXPECT_EQ(order, (std::vector{1, 2}));
  mailbox.run_batch();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST_F(MailboxTest, PostingWakesThePoller) {
  post(1);
  poller.handle_ready();
  EXPECT_EQ(done, 1);
}

TEST_F(MailboxTest, AtItsBoundItSaysThatItIsBehindAndLosesNothing) {
  post(3);
  EXPECT_FALSE(congestion.any());
  post(1);
  EXPECT_TRUE(congestion.any());
  post(100);
  mailbox.run_batch();
  EXPECT_EQ(done, 104);
  EXPECT_FALSE(congestion.any());
}

TEST_F(MailboxTest, ItIsBehindUntilHalfOfItIsGone) {
  mailbox.post([this] { post(3); });
  post(3);
  mailbox.run_batch();
  EXPECT_TRUE(congestion.any()) << "three are there again";
  mailbox.run_batch();
  EXPECT_FALSE(congestion.any());
}

TEST_F(MailboxTest, OneThatGoesAwayHoldsNobodyUp) {
  {
    Mailbox other(poller, congestion, 1);
    other.post([] {});
    EXPECT_TRUE(congestion.any());
  }
  EXPECT_FALSE(congestion.any());
}

}  // namespace
}  // namespace usher::net
