#include "ticket/judgement.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/seeded_entropy.h"

namespace usher::ticket {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1000s};
constexpr std::string_view kApp = "https://app.example";

struct Counts final : RedeemObserver {
  void on_redeemed(RedeemOutcome outcome) override { outcomes.push_back(outcome); }
  void on_replay() override { ++replays; }
  std::vector<RedeemOutcome> outcomes;
  int replays = 0;
};

Grant grant(std::optional<std::string> origin = {}) {
  return {.session = "s1", .user = "ada", .jti = "j1", .iat = 900, .origin = std::move(origin)};
}

class JudgementTest : public testing::Test {
 protected:
  Result<Grant, RefusedTicket> ask(Redeemed redeemed, std::optional<std::string_view> origin = {}) {
    return judge(std::move(redeemed), {origin, revocations, kNow}, counts);
  }
  TicketFault fault(Redeemed redeemed, std::optional<std::string_view> origin = {}) {
    const auto judged = ask(std::move(redeemed), origin);
    EXPECT_FALSE(judged);
    return judged ? TicketFault{0xff} : judged.error().why;
  }

  test::SeededEntropy entropy;
  auth::Revocations revocations{entropy};
  Counts counts;
};

TEST_F(JudgementTest, AGoodTicketLetsItsBearerIn) {
  for (const Grant& good : {grant(), grant(std::string(kApp))}) {
    const auto judged = ask(Redeemed::ok(good), kApp);
    ASSERT_TRUE(judged);
    EXPECT_EQ(*judged, good);
  }
}

TEST_F(JudgementTest, EachOutcomeIsCountedAndHasItsFault) {
  EXPECT_EQ(fault(Redeemed::unknown()), TicketFault::invalid);
  EXPECT_EQ(fault(Redeemed::unavailable()), TicketFault::unavailable);
  EXPECT_EQ(ask(Redeemed::expired(31s)).error().age, Duration(31s));
  EXPECT_EQ(fault(Redeemed::expired(31s)), TicketFault::expired);
  EXPECT_EQ(counts.replays, 0);
  EXPECT_EQ(fault(Redeemed::consumed(1s)), TicketFault::replayed);
  EXPECT_EQ(fault(Redeemed::ended(1s)), TicketFault::replayed);
  EXPECT_EQ(counts.replays, 2);
  EXPECT_EQ(counts.outcomes, (std::vector{RedeemOutcome::unknown, RedeemOutcome::unavailable,
                                          RedeemOutcome::expired, RedeemOutcome::expired,
                                          RedeemOutcome::consumed, RedeemOutcome::consumed}));
}

TEST_F(JudgementTest, ABoundTicketOpensWithItsOwnOriginOnly) {
  const std::string bound(kApp);
  EXPECT_EQ(fault(Redeemed::ok(grant(bound)), "https://other.example"),
            TicketFault::origin_mismatch);
  EXPECT_EQ(fault(Redeemed::ok(grant(bound)), std::nullopt), TicketFault::origin_mismatch);
  EXPECT_EQ(fault(Redeemed::ok(grant(bound)), "null"), TicketFault::origin_mismatch);
  EXPECT_EQ(ask(Redeemed::ok(grant(bound)), "https://other.example").error().session, "s1");
}

TEST_F(JudgementTest, TheRevokedAreRefusedByEachOfTheirNames) {
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::jti, "j1", 1h, kNow));
  const auto refused = ask(Redeemed::ok(grant()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, TicketFault::revoked);
  EXPECT_EQ(refused.error().session, "s1");
  EXPECT_EQ(refused.error().user, "ada");
  EXPECT_EQ(fault(Redeemed::ok(grant(std::string(kApp))), "https://other.example"),
            TicketFault::origin_mismatch)
      << "the Origin first";
}

TEST_F(JudgementTest, AGrantWithoutATicketIsJudgedAlike) {
  EXPECT_TRUE(judge(grant(), {kApp, revocations, kNow}));
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::user, "ada", 1h, kNow));
  EXPECT_EQ(judge(grant(), {kApp, revocations, kNow}).error().why, TicketFault::revoked);
  EXPECT_TRUE(counts.outcomes.empty());
}

TEST_F(JudgementTest, WhatMayBeForgedIsPaidForByItsAddress) {
  for (const TicketFault why : {TicketFault::invalid, TicketFault::replayed}) {
    EXPECT_TRUE(may_be_forged({why}));
  }
  EXPECT_TRUE(may_be_forged({TicketFault::expired, std::nullopt}));
  EXPECT_FALSE(may_be_forged({TicketFault::expired, Duration(31s)}));
  for (const TicketFault why :
       {TicketFault::origin_blocked, TicketFault::missing, TicketFault::origin_mismatch,
        TicketFault::revoked, TicketFault::unavailable}) {
    EXPECT_FALSE(may_be_forged({why}));
  }
}

}  // namespace
}  // namespace usher::ticket
