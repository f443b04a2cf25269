#include "ticket/issue.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/recording_log.h"
#include "support/seeded_entropy.h"
#include "ticket/gated_ticket_store.h"
#include "ticket/memory_ticket_store.h"
#include "ticket/mint.h"

namespace usher::ticket {
namespace {

using namespace std::chrono_literals;

class IssueTest : public testing::Test {
 protected:
  Result<IssuedTicket, PutError> issue_for(std::string user) {
    std::optional<Result<IssuedTicket, PutError>> answer;
    issue(store, entropy, {.session = "s1", .user = std::move(user)}, 30s,
          [&](Result<IssuedTicket, PutError> got) { answer = std::move(got); });
    EXPECT_TRUE(answer);
    return *answer;
  }

  test::ManualClock clock;
  test::SeededEntropy entropy;
  test::RecordingLog log;
  MemoryTicketStore memory{clock, {.forgetful_for = Duration::zero()}};
  DevFault dev_fault;
  GatedTicketStore store{memory, {.dev_fault = &dev_fault}};
};

TEST_F(IssueTest, TheTicketOpensTheGrantThatWasGiven) {
  const auto issued = issue_for("ada");
  ASSERT_TRUE(issued);
  EXPECT_TRUE(is_well_formed(issued->ticket.text));
  EXPECT_EQ(issued->hash, hash(issued->ticket.text));
  std::optional<Redeemed> redeemed;
  store.redeem(issued->hash, [&](Redeemed got) { redeemed = std::move(got); });
  ASSERT_TRUE(redeemed);
  EXPECT_EQ(redeemed->outcome, RedeemOutcome::ok);
  EXPECT_EQ(redeemed->grant.session, "s1");
}

TEST_F(IssueTest, TheLogHasTheHashAndNeverTheTicket) {
  const auto issued = issue_for("ada");
  ASSERT_TRUE(issued);
  log_issued(log, *issued, {Identities::plain, {}, "s1", "ada"});
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_EQ(log.lines[0],
            "[WSTicket] Ticket generated { hasUserId: true, ttl: 30, session: 's1', user: 'ada', "
            "ticketHash: '" +
                issued->hash.for_log() + "' }");
}

TEST_F(IssueTest, AStoreThatDoesNotTakeItIsTheAnswer) {
  dev_fault.set(true);
  const auto issued = issue_for("");
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error(), PutError::unavailable);
}

TEST_F(IssueTest, TheClientIsToldTheTicketAndItsLife) {
  EXPECT_EQ(to_json({.ticket = {"abc"}, .hash = {}, .ttl = 30s}),
            R"({"ticket":"abc","expires_in":30})");
}

}  // namespace
}  // namespace usher::ticket
