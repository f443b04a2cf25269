#include "gateway/close_table.h"

#include <gtest/gtest.h>

namespace usher::gateway {
namespace {

struct Expected {
  Rejection rejection;
  std::uint16_t code;
  const char* reason;
  std::uint16_t sdk_code;
  const char* log;
};

// Contract section 2, word for word.
constexpr Expected kContract[] = {
    {Rejection::origin_blocked, 1008, "ORIGIN_BLOCKED", 3521, "WS: Rejected - origin blocked"},
    {Rejection::origin_mismatch, 1008, "ORIGIN_BLOCKED", 3521, "WS: Rejected - origin blocked"},
    {Rejection::no_ticket, 1008, "NOT_AUTHORIZED", 3500, "WS: Rejected - no auth ticket"},
    {Rejection::store_unavailable, 1013, "STORE_UNAVAILABLE", 1013,
     "WS: Rejected - ticket store unavailable"},
    {Rejection::ticket_invalid, 1008, "NOT_AUTHORIZED", 3500,
     "WS: Rejected - ticket invalid or expired"},
    {Rejection::ticket_replayed, 1008, "NOT_AUTHORIZED", 3500, "WS: Rejected - ticket replayed"},
    {Rejection::ticket_expired, 3100, "TICKET_EXPIRED", 3100, "WS: Rejected - ticket expired"},
    {Rejection::session_revoked, 3520, "SESSION_REVOKED", 3520, "WS: Rejected - session revoked"},
    {Rejection::nothing_usable, 1008, "NOT_AUTHORIZED", 3500, "WS: Rejected - no auth ticket"},
};

TEST(CloseTableTest, EveryRejectionSaysWhatTheContractSays) {
  for (const Expected& expected : kContract) {
    const RejectionRow& r = row(expected.rejection);
    EXPECT_EQ(r.close, wire::CloseReason(expected.code, expected.reason)) << expected.log;
    EXPECT_EQ(r.close_for_sdk, wire::CloseReason(expected.sdk_code, expected.reason))
        << expected.log;
    EXPECT_EQ(r.log_message, expected.log);
  }
}

TEST(CloseTableTest, BothEndpointsAgreeOnWhatIsHard) {
  for (const Expected& expected : kContract) {
    const RejectionRow& r = row(expected.rejection);
    EXPECT_EQ(wire::is_hard(r.close.code, r.close.reason),
              wire::is_hard(r.close_for_sdk.code, r.close_for_sdk.reason))
        << expected.log;
  }
}

TEST(CloseTableTest, OnlyTheStoreAndAnExpiredTicketAreWorthAnotherTry) {
  for (const Expected& expected : kContract) {
    const bool soft = expected.rejection == Rejection::store_unavailable ||
                      expected.rejection == Rejection::ticket_expired;
    EXPECT_EQ(
        wire::is_hard(row(expected.rejection).close.code, row(expected.rejection).close.reason),
        !soft)
        << expected.log;
  }
}

}  // namespace
}  // namespace usher::gateway
