#include "client/ticket_subs.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

class TicketSubsTest : public testing::Test {
 protected:
  void wish(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) channels.know("live:" + std::to_string(i), true);
  }
  std::size_t filled() { return subs.fill(channels).size(); }

  ChannelTable channels;
  TicketSubs subs;
};

TEST_F(TicketSubsTest, TheServersOwnChannelsTravelOnlyWithAPosition) {
  channels.know("session:s1", false);
  EXPECT_EQ(filled(), 0u);
  channels.find("session:s1")->epoch = "e";
  EXPECT_EQ(filled(), 1u);
  EXPECT_TRUE(subs.holds("session:s1"));
}

TEST_F(TicketSubsTest, NoMoreEntriesThanTheLimitButPersonalOnesDoNotCount) {
  wish(TicketSubs::kEntriesMax + 1);
  channels.know("user:u1", true);
  EXPECT_EQ(filled(), TicketSubs::kEntriesMax + 1);
  EXPECT_TRUE(subs.holds("live:127"));
  EXPECT_FALSE(subs.holds("live:128"));
  EXPECT_TRUE(subs.holds("user:u1"));
}

TEST_F(TicketSubsTest, NamesThatJsonCannotHoldStayAtHome) {
  channels.know("", true);
  channels.know("\xff", true);
  EXPECT_EQ(filled(), 0u);
}

TEST_F(TicketSubsTest, AfterARefusalHalfAsManyTravel) {
  wish(100);
  EXPECT_EQ(filled(), 100u);
  EXPECT_TRUE(subs.withhold(/*too_large=*/false));
  EXPECT_FALSE(subs.holds("live:0"));
  EXPECT_FALSE(subs.withhold(/*too_large=*/false));  // nothing travelled
  EXPECT_EQ(filled(), 50u);
}

TEST_F(TicketSubsTest, AfterATooLargeRequestHalfAsManyBytesTravel) {
  wish(100);
  filled();
  EXPECT_TRUE(subs.withhold(/*too_large=*/true));
  const std::size_t fewer = filled();
  EXPECT_GT(fewer, 45u);
  EXPECT_LT(fewer, 55u);
}

// Personal channels alone were refused: there are no entries to halve.
TEST_F(TicketSubsTest, WithoutEntriesTheBytesAreHalved) {
  channels.know("user:u1", true);
  EXPECT_EQ(filled(), 1u);
  EXPECT_TRUE(subs.withhold(/*too_large=*/false));
  EXPECT_EQ(filled(), 0u);
}

}  // namespace
}  // namespace usher::client
