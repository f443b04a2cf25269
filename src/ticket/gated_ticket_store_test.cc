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
  bool put(char first_byte) {
    bool stored = false;
    store.put(hash(first_byte), {}, 30s, [&](auto result) { stored = result.has_value(); });
    return stored;
  }
  RedeemOutcome redeem(char first_byte) {
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
  TicketGate ticket_switch;
  GatedTicketStore store{behind, ticket_switch};
};

TEST_F(GatedTicketStoreTest, SwitchedOnItIsTheStoreBehindIt) {
  EXPECT_TRUE(put('a'));
  EXPECT_EQ(redeem('a'), RedeemOutcome::ok);
  EXPECT_EQ(redeem('a'), RedeemOutcome::consumed);
}

TEST_F(GatedTicketStoreTest, SwitchedOffItIsUnavailableAndSpendsNothing) {
  ASSERT_TRUE(put('a'));
  ticket_switch.set_available(false);
  EXPECT_FALSE(put('b'));
  EXPECT_EQ(redeem('a'), RedeemOutcome::unavailable);
  ticket_switch.set_available(true);
  EXPECT_EQ(redeem('a'), RedeemOutcome::ok);
}

}  // namespace
}  // namespace usher::ticket
