#include "ticket/gated_ticket_store.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "ticket/memory_ticket_store.h"

namespace usher::ticket {
namespace {

using namespace std::chrono_literals;
using ticket::RedeemOutcome;

class GatedTicketStoreTest : public testing::Test {
 protected:
  bool put(char first_byte) { return put(store, first_byte); }
  static bool put(TicketStore& store, char first_byte) {
    bool stored = false;
    store.put(hash(first_byte), {}, 30s, [&](auto result) { stored = result.has_value(); });
    return stored;
  }
  RedeemOutcome redeem(char first_byte) { return redeem(store, first_byte); }
  static RedeemOutcome redeem(TicketStore& store, char first_byte) {
    RedeemOutcome outcome{};
    store.redeem(hash(first_byte), [&](Redeemed got) { outcome = got.outcome; });
    return outcome;
  }
  static TicketHash hash(char first_byte) {
    TicketHash hash;
    hash.bytes[0] = static_cast<std::byte>(first_byte);
    return hash;
  }

  test::ManualClock clock;
  MemoryTicketStore behind{clock, {.forgetful_for = Duration::zero()}};
  DevFault dev_fault;
  RevocationsLoaded revocations_loaded;
  GatedTicketStore store{behind, {.dev_fault = &dev_fault}};
  GatedTicketStore with_revocations{
      behind, {.dev_fault = &dev_fault, .revocations_loaded = &revocations_loaded}};
};

TEST_F(GatedTicketStoreTest, WithOpenGatesItIsTheStoreBehindIt) {
  EXPECT_TRUE(put('a'));
  EXPECT_EQ(redeem('a'), RedeemOutcome::ok);
  EXPECT_EQ(redeem('a'), RedeemOutcome::consumed);
}

TEST_F(GatedTicketStoreTest, DuringTheDevFaultItIsUnavailableAndSpendsNothing) {
  ASSERT_TRUE(put('a'));
  dev_fault.set(true);
  EXPECT_FALSE(put('b'));
  EXPECT_EQ(redeem('a'), RedeemOutcome::unavailable);
  dev_fault.set(false);
  EXPECT_EQ(redeem('a'), RedeemOutcome::ok);
}

TEST_F(GatedTicketStoreTest, NothingIsIssuedOrRedeemedUntilRevocationsAreLoaded) {
  ASSERT_TRUE(put('a'));
  EXPECT_FALSE(put(with_revocations, 'b'));
  EXPECT_EQ(redeem(with_revocations, 'a'), RedeemOutcome::unavailable);
  revocations_loaded.set_outdated();
  EXPECT_FALSE(put(with_revocations, 'b'));
  revocations_loaded.set_loaded();
  EXPECT_TRUE(put(with_revocations, 'b'));
  EXPECT_EQ(redeem(with_revocations, 'a'), RedeemOutcome::ok);
}

TEST_F(GatedTicketStoreTest, WithOutdatedRevocationsTicketsAreIssuedAndNotRedeemed) {
  revocations_loaded.set_loaded();
  revocations_loaded.set_outdated();
  EXPECT_TRUE(put(with_revocations, 'a'));
  EXPECT_EQ(redeem(with_revocations, 'a'), RedeemOutcome::unavailable);
  revocations_loaded.set_loaded();
  EXPECT_EQ(redeem(with_revocations, 'a'), RedeemOutcome::ok);
}

TEST_F(GatedTicketStoreTest, BothGatesMustBeOpen) {
  revocations_loaded.set_loaded();
  dev_fault.set(true);
  EXPECT_FALSE(put(with_revocations, 'a'));
}

}  // namespace
}  // namespace usher::ticket
