#include "doors/ticket_check.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"
#include "support/recording_log.h"
#include "support/seeded_entropy.h"
#include "ticket/memory_ticket_store.h"
#include "ticket/mint.h"

namespace usher::doors {
namespace {

using namespace std::chrono_literals;
using ticket::TicketFault;
using wire::TicketOffer;

constexpr std::string_view kApp = "https://app.example";
const std::string kTicket(32, 'a');

struct Counts final : ticket::RedeemObserver {
  void on_redeemed(ticket::RedeemOutcome) override { ++redeemed; }
  void on_replay() override { ++replays; }
  int redeemed = 0;
  int replays = 0;
};

class TicketCheckTest : public testing::Test {
 protected:
  TicketCheckTest() { clock.advance(10min); }

  void issue(std::optional<std::string> origin = {}) {
    ticket::Grant grant{.session = "s1", .user = "ada", .origin = std::move(origin)};
    store.put(ticket::hash(kTicket), std::move(grant), 30s,
              [](auto result) { ASSERT_TRUE(result); });
  }
  Result<ticket::Grant, ticket::RefusedTicket> ask(const ShownTicket& shown) {
    std::optional<Result<ticket::Grant, ticket::RefusedTicket>> said;
    check.start(shown, [&](auto result) {
      EXPECT_FALSE(said) << "answered twice";
      said = std::move(result);
    });
    return said.value();
  }
  TicketFault fault(const ShownTicket& shown) {
    const auto said = ask(shown);
    EXPECT_FALSE(said);
    return said ? TicketFault{0xff} : said.error().why;
  }

  test::ManualClock clock;
  test::ManualWallClock wall_clock;
  test::SeededEntropy entropy;
  test::RecordingLog log;
  test::RecordingLog reject_log;
  Counts counts;
  auth::Revocations revocations{entropy};
  Snapshot<auth::OriginPolicy> origins{std::make_shared<auth::OriginPolicy>(
      auth::OriginPolicyOptions{.allowed = {std::string(kApp)}})};
  ticket::MemoryTicketStore store{clock, {.stripes = 1}};
  TicketCheck check{{store, origins, revocations, wall_clock, log, reject_log, counts}, "redeem"};
};

TEST_F(TicketCheckTest, AGoodTicketLetsItsBearerInOnce) {
  issue(std::string(kApp));
  const ShownTicket shown{TicketOffer::one, kTicket, kApp};
  const auto first = ask(shown);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->session, "s1");
  EXPECT_TRUE(reject_log.lines.empty());
  EXPECT_EQ(fault(shown), TicketFault::replayed);
  EXPECT_EQ(counts.redeemed, 2);
  EXPECT_EQ(counts.replays, 1);
  EXPECT_EQ(reject_log.lines.at(0), "WS: Rejected - ticket replayed { ticketHash: '" +
                                        ticket::hash(kTicket).for_log() + "', door: 'redeem' }");
}

TEST_F(TicketCheckTest, AForeignOriginSpendsNoTicket) {
  issue();
  EXPECT_EQ(fault({TicketOffer::one, kTicket, "https://evil.example"}),
            TicketFault::origin_blocked);
  EXPECT_EQ(reject_log.lines.at(0),
            "WS: Rejected - origin blocked { originHost: 'evil.example', door: 'redeem' }");
  EXPECT_EQ(counts.redeemed, 0);
  EXPECT_TRUE(ask({TicketOffer::one, kTicket, kApp}));
}

TEST_F(TicketCheckTest, ATicketThatNoStoreCanHoldIsNotAskedFor) {
  EXPECT_EQ(fault({TicketOffer::none, "", {}}), TicketFault::missing);
  EXPECT_EQ(fault({TicketOffer::several, "", {}}), TicketFault::invalid);
  EXPECT_EQ(fault({TicketOffer::malformed, "XYZ", {}}), TicketFault::invalid);
  EXPECT_EQ(counts.redeemed, 0);
  EXPECT_EQ(reject_log.count("ticketHash: '" + ticket::hash("XYZ").for_log()), 1u);
  EXPECT_EQ(reject_log.count("XYZ"), 0u);
}

TEST_F(TicketCheckTest, TheLogSaysWhoWasRefusedAndHowOldTheTicketIs) {
  issue();
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::user, "ada", 1h, wall_clock.now()));
  EXPECT_EQ(fault({TicketOffer::one, kTicket, {}}), TicketFault::revoked);
  EXPECT_EQ(reject_log.count("WS: Rejected - session revoked { ticketHash: '"), 1u);
  EXPECT_EQ(reject_log.count("session: '" + log_hash("s1")), 1u);

  clock.advance(200s);
  issue();
  clock.advance(31s);
  EXPECT_EQ(fault({TicketOffer::one, kTicket, {}}), TicketFault::expired);
  EXPECT_EQ(reject_log.count("ageMs: 31000"), 1u);
}

TEST_F(TicketCheckTest, TheLineOfSuccessHasTheClientAndNoTicket) {
  issue();
  const auto grant = ask({TicketOffer::one, kTicket, {}});
  ASSERT_TRUE(grant);
  check.log_admitted(*grant, "00ff00ff00ff00ff");
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_TRUE(log.lines[0].starts_with(
      "[WS] Authenticated via ticket { hasUserId: true, client: '00ff00ff00ff00ff', session: '"))
      << log.lines[0];
  EXPECT_TRUE(log.lines[0].ends_with("door: 'redeem' }")) << log.lines[0];
  EXPECT_EQ(log.count(kTicket), 0u);
}

}  // namespace
}  // namespace usher::doors
