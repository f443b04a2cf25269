#include "session/refresh.h"

#include "session/session_fixture.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;

class RefreshTest : public SessionTest {
 protected:
  RefreshTest() { held.take(grant(), options, wall_clock.now(), clock.now()); }

  Refresh::Outcome outcome_of(Result<ticket::Grant, Refusal> checked) {
    return Refresh(1, clock.now()).judge(std::move(checked), held);
  }
  Refresh::Outcome refused(Rejection why) { return outcome_of(Refusal{why, {}, {}}); }

  HeldCredential held;
};

TEST_F(RefreshTest, AGoodTicketIsGrantedAndAnSdkMayShowItAgain) {
  const std::string text = ticket(grant());
  for (const auto endpoint : {edge::Endpoint::ws, edge::Endpoint::sdk}) {
    Refresh refresh(7, clock.now() + 1s);
    std::optional<Refresh::Outcome> outcome;
    LateTicketStore late;
    SessionDependencies with_late = dependencies_on(late);
    refresh.start(with_late, endpoint, held, text, [&](Result<ticket::Grant, Refusal> checked) {
      outcome = refresh.judge(std::move(checked), held);
    });
    EXPECT_FALSE(outcome);
    late.waiting.front()(ticket::Redeemed::ok(grant()));
    ASSERT_TRUE(outcome && std::holds_alternative<Refresh::Granted>(*outcome));
    const auto& granted = std::get<Refresh::Granted>(*outcome);
    EXPECT_EQ(granted.grant, grant());
    EXPECT_EQ(granted.ticket.has_value(), endpoint == edge::Endpoint::sdk);
    EXPECT_EQ(refresh.command_id(), 7u);
    EXPECT_EQ(refresh.deadline(), clock.now() + 1s);
  }
}

TEST_F(RefreshTest, AnAnswerAfterItsEndGoesNowhere) {
  LateTicketStore late;
  SessionDependencies with_late = dependencies_on(late);
  {
    Refresh refresh(1, clock.now());
    refresh.start(with_late, edge::Endpoint::ws, held, ticket(grant()),
                  [](const auto&) { FAIL() << "the refresh has ended"; });
  }
  late.waiting.front()(ticket::Redeemed::ok(grant()));
}

TEST_F(RefreshTest, ACredentialOfAnotherSessionIsABadRequest) {
  ticket::Grant other = grant();
  other.session = "s2";
  EXPECT_EQ(std::get<wire::CloseReason>(outcome_of(other)).reason, "BAD_REQUEST");
}

TEST_F(RefreshTest, ARevokedSessionAndAForeignOriginCloseAndOthersAreAnswered) {
  EXPECT_EQ(std::get<wire::CloseReason>(refused(Rejection::session_revoked)).code, 3520);
  EXPECT_EQ(std::get<wire::CloseReason>(refused(Rejection::origin_mismatch)).code, 3501);
  using wire::ProtocolError;
  const std::pair<Rejection, ProtocolError> kTable[] = {
      {Rejection::store_unavailable, ProtocolError::internal},
      {Rejection::key_unknown, ProtocolError::internal},
      {Rejection::too_many_requests, ProtocolError::too_many_requests},
      {Rejection::ticket_invalid, ProtocolError::token_expired},
      {Rejection::ticket_replayed, ProtocolError::token_expired},
      {Rejection::ticket_expired, ProtocolError::token_expired},
      {Rejection::nothing_usable, ProtocolError::token_expired}};
  for (const auto& [why, error] : kTable) EXPECT_EQ(std::get<ProtocolError>(refused(why)), error);
}

}  // namespace
}  // namespace usher::session
