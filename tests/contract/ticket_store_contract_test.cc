#include "contract/ticket_store_contract.h"

#include <algorithm>

namespace usher::test {
namespace {

using namespace std::chrono_literals;
using ticket::Grant;
using ticket::Redeemed;
using Outcome = ticket::RedeemOutcome;

Grant full_grant() {
  Grant grant;
  grant.session = "sess_9f";
  grant.user = "ada";
  grant.jti = "token-1";
  grant.iat = 1'800'000'000;
  grant.token_exp = 1'800'003'600;
  grant.channels = {"news", "orders:*", std::string(200, 'c')};
  grant.subs = R"({"orders:42":{"recover":true,"epoch":"qFhv","offset":41}})";
  grant.info = R"({"name":"Ada","tags":[1,null]})";
  grant.sid = "https://issuer.example\n42";
  grant.claims = R"({"org":{"id":7},"plan":"pro"})";
  grant.origin = "https://app.example.com";
  return grant;
}

const ticket::TicketHash kOne = ticket::hash("one");
const ticket::TicketHash kOther = ticket::hash("other");

TEST_P(TicketStoreContract, TheFirstRedemptionGetsTheGrantWholeAndTheSecondIsAReplay) {
  ASSERT_TRUE(put(kOne, full_grant()));
  const Redeemed first = redeem(kOne);
  EXPECT_EQ(first.outcome, Outcome::ok);
  EXPECT_EQ(first.grant, full_grant());
  const Redeemed second = redeem(kOne);
  EXPECT_EQ(second.outcome, Outcome::consumed);
  EXPECT_EQ(second.grant, Grant());
}

TEST_P(TicketStoreContract, AGrantWithNothingInItComesBackAsItWas) {
  ASSERT_TRUE(put(kOne));
  EXPECT_EQ(redeem(kOne).grant, Grant());
}

TEST_P(TicketStoreContract, TicketsDoNotGetInEachOthersWay) {
  ASSERT_TRUE(put(kOne, full_grant()));
  ASSERT_TRUE(put(kOther));
  EXPECT_EQ(redeem(kOther).outcome, Outcome::ok);
  EXPECT_EQ(redeem(kOne).grant, full_grant());
}

TEST_P(TicketStoreContract, WhatWasNeverIssuedIsUnknown) {
  EXPECT_EQ(redeem(kOne).outcome, Outcome::unknown);
  EXPECT_EQ(redeem(kOne).outcome, Outcome::unknown);
}

TEST_P(TicketStoreContract, IsGoodUntilJustBeforeItsTtl) {
  ASSERT_TRUE(put(kOne) && put(kOther));
  advance(30s - resolution());
  EXPECT_EQ(redeem(kOne).outcome, Outcome::ok);
  advance(resolution());
  const Redeemed late = redeem(kOther);
  EXPECT_EQ(late.outcome, Outcome::expired);
  EXPECT_EQ(late.age, Duration(30s));
}

TEST_P(TicketStoreContract, AnExpiredOneIsKnownFor60SecondsMore) {
  ASSERT_TRUE(put(kOne));
  advance(90s - resolution());
  const Redeemed late = redeem(kOne);
  EXPECT_EQ(late.outcome, Outcome::expired);
  EXPECT_EQ(late.age, Duration(90s - resolution()));
  advance(resolution());
  EXPECT_EQ(redeem(kOne).outcome, Outcome::unknown);
}

TEST_P(TicketStoreContract, AnExpiredOneStaysExpiredHoweverOftenItIsTried) {
  ASSERT_TRUE(put(kOne));
  advance(31s);
  EXPECT_EQ(redeem(kOne).outcome, Outcome::expired);
  advance(1s);
  EXPECT_EQ(redeem(kOne).age, Duration(32s));
}

TEST_P(TicketStoreContract, ASpentOneIsKnownAsLongAndSaysSinceWhen) {
  ASSERT_TRUE(put(kOne));
  advance(10s);
  ASSERT_EQ(redeem(kOne).outcome, Outcome::ok);
  EXPECT_EQ(redeem(kOne).age, Duration(0s));
  advance(5s);
  EXPECT_EQ(redeem(kOne).age, Duration(5s));
  advance(75s - resolution());
  const Redeemed last = redeem(kOne);
  EXPECT_EQ(last.outcome, Outcome::consumed);
  EXPECT_EQ(last.age, Duration(80s - resolution()));
  advance(resolution());
  EXPECT_EQ(redeem(kOne).outcome, Outcome::unknown);
}

TEST_P(TicketStoreContract, AStoreThatLostItsMemoryCallsEveryTicketExpiredFor90Seconds) {
  ASSERT_TRUE(put(kOne));
  harness_->restart();
  const Redeemed first = redeem(kOne);
  EXPECT_EQ(first.outcome, Outcome::expired);
  EXPECT_EQ(first.age, std::nullopt);
  advance(90s - resolution());
  EXPECT_EQ(redeem(kOne).outcome, Outcome::expired);
  advance(resolution());
  EXPECT_EQ(redeem(kOne).outcome, Outcome::unknown);
}

TEST_P(TicketStoreContract, AYoungStoreStillKnowsWhatItHasItself) {
  harness_->restart();
  ASSERT_TRUE(put(kOne, full_grant()));
  EXPECT_EQ(redeem(kOne).grant, full_grant());
  EXPECT_EQ(redeem(kOne).outcome, Outcome::consumed);
}

TEST_P(TicketStoreContract, OfAThousandConcurrentRedemptionsExactlyOneIsOk) {
  ASSERT_TRUE(put(kOne, full_grant()));
  const auto outcomes = harness_->redeem_concurrently(kOne, 1000);
  EXPECT_EQ(outcomes.size(), 1000u);
  EXPECT_EQ(std::ranges::count(outcomes, Outcome::ok), 1);
  EXPECT_EQ(std::ranges::count(outcomes, Outcome::consumed), 999);
}

TEST_P(TicketStoreContract, ASpentTicketSaysWhenItsConnectionHasEnded) {
  ASSERT_TRUE(put(kOne) && put(kOther));
  harness_->store().connection_ended(kOne);
  EXPECT_EQ(redeem(kOne).outcome, Outcome::ok) << "it had opened none";
  EXPECT_FALSE(redeem(kOne).has_ended);
  advance(5s);
  harness_->store().connection_ended(kOne);
  const Redeemed after = redeem(kOne);
  EXPECT_EQ(after.outcome, Outcome::consumed);
  EXPECT_TRUE(after.has_ended);
  EXPECT_EQ(after.age, Duration(5s));
  EXPECT_EQ(redeem(kOther).outcome, Outcome::ok);
  EXPECT_FALSE(redeem(kOther).has_ended);
}

TEST_P(TicketStoreContract, SoManyAreLiveAndNoMoreAndAUsedOneMakesRoom) {
  harness_->bound(3, 1 << 20);
  const auto hash = [](int i) { return ticket::hash(std::to_string(i)); };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(put(hash(i)));
  EXPECT_FALSE(put(hash(3)));
  EXPECT_EQ(redeem(hash(0)).outcome, Outcome::ok);
  EXPECT_TRUE(put(hash(4)));
  EXPECT_FALSE(put(hash(5)));
  EXPECT_EQ(redeem(hash(1)).outcome, Outcome::ok) << "none was pushed out";
}

TEST_P(TicketStoreContract, TheirBytesAreBoundedAndThoseThatNobodyUsedMakeRoomInTime) {
  harness_->bound(1000, 64 * 1024);
  for (std::string Grant::*const part : {&Grant::subs, &Grant::claims}) {
    Grant large;
    large.*part = std::string(16 * 1024, 's');
    const auto hash = [&](int i) {
      return ticket::hash(std::to_string(i) + (part == &Grant::subs ? "s" : "c"));
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(put(hash(i), large));
    EXPECT_FALSE(put(hash(3), large));
    EXPECT_TRUE(put(hash(4)));
    advance(40s);
    for (int i = 10; i < 13; ++i) EXPECT_TRUE(put(hash(i), large));
    EXPECT_FALSE(put(hash(13), large));
    advance(200s);
  }
}

TEST_P(TicketStoreContract, APayerHoldsAPartOfWhatIsFreeAndLeavesRoomForOthers) {
  harness_->bound(100, 1 << 20);
  const auto fill = [this](const std::string& payer) {
    int stored = 0;
    Grant grant;
    grant.payer = payer;
    while (put(ticket::hash(payer + std::to_string(stored)), grant)) ++stored;
    return stored;
  };
  EXPECT_EQ(fill("a"), 20) << "a quarter of the 80 that are left";
  EXPECT_EQ(fill("b"), 16);
  for (const std::string payer : {"c", "d", "e", "f"}) fill(payer);
  EXPECT_TRUE(put(kOne, {.session = "s", .payer = "g"})) << "however many came before";
  EXPECT_TRUE(put(kOther)) << "a backend's";
  EXPECT_EQ(redeem(ticket::hash("a0")).outcome, Outcome::ok);
  EXPECT_EQ(redeem(ticket::hash("a0")).outcome, Outcome::consumed);
  EXPECT_EQ(redeem(kOne).grant, (Grant{.session = "s"})) << "the payer is not given back";
  advance(200s);
  EXPECT_EQ(fill("z"), 20) << "all have ended";
}

}  // namespace
}  // namespace usher::test
