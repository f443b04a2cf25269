#include "ticket/ticket_shares.h"

#include <gtest/gtest.h>

namespace usher::ticket {
namespace {

constexpr std::size_t kMuch = 1'000'000'000;

TEST(TicketShares, APayerHoldsAPartOfWhatIsFree) {
  TicketShares shares({.free_parts = 4, .tickets_min = 0, .bytes_min = 0});
  const auto ada = TicketShares::key_of("ada");
  EXPECT_TRUE(shares.take(ada, 10, 4, kMuch));
  EXPECT_FALSE(shares.take(ada, 10, 4, kMuch)) << "two of four";
  EXPECT_TRUE(shares.take(ada, 10, 8, kMuch));
  EXPECT_FALSE(shares.take(ada, 10, kMuch, 100)) << "30 of 100 bytes";
  EXPECT_TRUE(shares.take(TicketShares::key_of("eve"), 10, 4, 40));
  shares.give_back(ada, 10);
  EXPECT_TRUE(shares.take(ada, 5, 8, 60));
}

TEST(TicketShares, ALittleIsEverybodys) {
  TicketShares shares({.free_parts = 4, .tickets_min = 2, .bytes_min = 100});
  const auto ada = TicketShares::key_of("ada");
  EXPECT_TRUE(shares.take(ada, 50, 0, 0) && shares.take(ada, 50, 0, 0));
  EXPECT_FALSE(shares.take(ada, 0, 0, 0));
  shares.give_back(ada, 50);
  EXPECT_FALSE(shares.take(ada, 51, 0, 0));
}

TEST(TicketShares, WithoutAPayerOrAPartThereIsNoShare) {
  TicketShares shares({.free_parts = 4, .tickets_min = 0, .bytes_min = 0});
  EXPECT_TRUE(shares.take(TicketShares::key_of(""), 10, 0, 0));
  TicketShares all({.free_parts = 0, .tickets_min = 0, .bytes_min = 0});
  EXPECT_TRUE(all.take(TicketShares::key_of("ada"), 10, 0, 0));
}

TEST(TicketShares, APayerHasOneKeyAndAnotherSecretGivesAnother) {
  const SipKey key{1, 2};
  EXPECT_EQ(TicketShares::key_of("ada", key), TicketShares::key_of("ada", key));
  EXPECT_NE(TicketShares::key_of("ada", key), TicketShares::key_of("eve", key));
  EXPECT_NE(TicketShares::key_of("ada", key), TicketShares::key_of("ada", SipKey{1, 3}));
  EXPECT_EQ(TicketShares::key_of("", key), 0u);
}

TEST(TicketShares, WhoHoldsNothingIsForgotten) {
  TicketShares shares({});
  const auto ada = TicketShares::key_of("ada");
  shares.take(ada, 10, kMuch, kMuch);
  shares.take(ada, 20, kMuch, kMuch);
  EXPECT_EQ(shares.payers(), 1u);
  shares.give_back(ada, 10);
  shares.give_back(ada, 20);
  EXPECT_EQ(shares.payers(), 0u);
}

}  // namespace
}  // namespace usher::ticket
