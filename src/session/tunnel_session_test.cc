#include "session/tunnel_session.h"

#include "session/tunnel_fixture.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;
using doors::UpstreamResult;
using Close = RecordingOutlet::Close;
using Strings = std::vector<std::string>;

// ---- the way in ----

TEST_F(TunnelSessionTest, AGoodTicketDialsTheUpstreamInATurnOfItsOwn) {
  const std::string text = ticket(grant());
  const auto peer = begin(tunnels, text);
  EXPECT_TRUE(peer->outlet.awake);
  EXPECT_FALSE(peer->outlet.dialled) << "the hub is in the middle of the join";
  EXPECT_EQ(hub.connections(), 1u);
  run(*peer);
  EXPECT_EQ(peer->outlet.dialled, kBoard);
  const std::string& request = peer->outlet.asked;
  EXPECT_TRUE(request.starts_with("GET /socket?room=7 HTTP/1.1\r\n")) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\n")) << request;
  EXPECT_EQ(request.find(text), std::string::npos) << "the ticket is usher's";
  EXPECT_EQ(peer->asked("X-Usher-Session"), "s1");
  EXPECT_EQ(peer->asked("X-Usher-User"), "(none)");
  EXPECT_EQ(peer->asked("X-Usher-Claims"), "(none)");
  EXPECT_EQ(peer->asked("X-Usher-Identity"), "(none)");
  EXPECT_EQ(peer->asked("X-Forwarded-For"), "192.0.2.7");
  EXPECT_EQ(peer->asked("traceparent"), kTraceparent);
  EXPECT_EQ(peer->asked("Sec-WebSocket-Protocol"), "chat");
  EXPECT_NE(hub.find(*hub::ClientId::parse(client_of(*peer))), nullptr);
  EXPECT_FALSE(peer->outlet.deadline) << "the upstream has connect_timeout";
  EXPECT_TRUE(peer->outlet.switched.empty());
  EXPECT_TRUE(hooks.events.empty());
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_TRUE(log.lines[0].starts_with("[WS] Authenticated via ticket { hasUserId: false, "));
}

TEST_F(TunnelSessionTest, ATurnMoreDoesNotDialAgain) {
  const auto peer = dialling(grant());
  peer->session->on_turn(clock.now());
  peer->session->on_deadline(clock.now());
  EXPECT_FALSE(peer->outlet.ended);
}

TEST_F(TunnelSessionTest, TheUpstreamsYesOpensTheTunnelWithItsChoice) {
  struct Row {
    std::string chosen, selected;
  };
  for (const Row& row : {Row{"chat", "chat"}, Row{"", "usher.accepted"}}) {
    const auto peer = dialling(grant());
    wire::HttpAnswer said = good();
    if (!row.chosen.empty()) said.fields.emplace_back("Sec-WebSocket-Protocol", row.chosen);
    answer(*peer, said);
    EXPECT_TRUE(peer->outlet.is_open);
    EXPECT_EQ(peer->selected(), row.selected);
    EXPECT_FALSE(peer->outlet.deadline);
    EXPECT_TRUE(log.lines.back().starts_with("websocket_connected { originHost: 'app.example', "));
    for (const char* part : {"transport: 'tunnel'", "upstream: 'board'"}) {
      EXPECT_NE(log.lines.back().find(part), std::string::npos) << part;
    }
  }
  EXPECT_EQ(observer.connected, 2);
  EXPECT_EQ(observer.abandoned, 0);
  EXPECT_EQ(hooks.events, (Strings{"connected s1/", "connected s1/"}));
}

TEST_F(TunnelSessionTest, TheUpstreamIsToldUserClaimsAndASignedIdentity) {
  ticket::Grant ada = grant();
  ada.user = "ada";
  ada.claims = R"({"org":7,"plan":"pro"})";
  const auto peer = dialling(ada, {.upstream = kTold});
  EXPECT_EQ(peer->outlet.dialled, kTold);
  EXPECT_EQ(peer->asked("X-Usher-User"), "ada");
  EXPECT_EQ(from_base64url(peer->asked("X-Usher-Claims")), R"({"org":7})");
  EXPECT_NE(peer->asked("X-Usher-Identity"), "(none)");
  EXPECT_EQ(peer->outlet.asked.find("eve"), std::string::npos);
}

// ---- rejections ----

TEST_F(TunnelSessionTest, WhoIsNotLetInGetsItsCloseCodeAndTheUpstreamHearsNothing) {
  const std::string spent = ticket(grant());
  dialling(grant());  // another ticket
  begin(tunnels, spent);
  const std::string old = ticket(grant());
  advance(31s);
  ticket::Grant bound = grant();
  bound.origin = "https://other.example";
  const auto revoked = [&](auth::RevokedBy by, const char* name, ticket::Grant whose) {
    EXPECT_TRUE(revocations.revoke(by, name, 1h, wall_clock.now()));
    return ticket(std::move(whose));
  };
  ticket::Grant gone = grant(), user = grant(), token = grant();
  gone.session = "gone";
  user.session = "s2";
  user.user = "eve";
  user.iat = unix_seconds(wall_clock.now());
  token.session = "s3";
  token.jti = "j3";

  const Close not_authorized{1008, "NOT_AUTHORIZED"}, origin_blocked{1008, "ORIGIN_BLOCKED"},
      session_revoked{3520, "SESSION_REVOKED"};
  const std::string good_ticket = ticket(grant());
  struct Row {
    std::string ticket;
    How how;
    Close close;
    Rejection why;
    bool forged = false;
  };
  const std::vector<Row> rows{
      {good_ticket, {.origin = "https://evil.example"}, origin_blocked, Rejection::origin_blocked},
      {"", {.ticket_offer = wire::TicketOffer::none}, not_authorized, Rejection::no_ticket},
      {"nonsense",
       {.ticket_offer = wire::TicketOffer::malformed},
       not_authorized,
       Rejection::ticket_invalid},
      {"", {.ticket_offer = wire::TicketOffer::several}, not_authorized, Rejection::ticket_invalid},
      {std::string(32, '0'), {}, not_authorized, Rejection::ticket_invalid, true},
      {spent, {}, not_authorized, Rejection::ticket_replayed, true},
      {old, {}, {3100, "TICKET_EXPIRED"}, Rejection::ticket_expired},
      {ticket(bound), {}, origin_blocked, Rejection::origin_mismatch},
      {ticket(bound), {.origin = {}}, origin_blocked, Rejection::origin_mismatch},
      {revoked(auth::RevokedBy::session, "gone", gone),
       {},
       session_revoked,
       Rejection::session_revoked},
      {revoked(auth::RevokedBy::user, "eve", user),
       {},
       session_revoked,
       Rejection::session_revoked},
      {revoked(auth::RevokedBy::jti, "j3", token), {}, session_revoked, Rejection::session_revoked},
      {ticket(grant()), {.upstream = kUsersOnly}, not_authorized, Rejection::guest_refused},
  };
  ASSERT_EQ(hub.connections(), 0u);
  hooks.events.clear();
  observer.forged.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    const Row& row = rows[i];
    observer.rejected.clear();
    reject_log.lines.clear();
    const std::size_t forged_before = observer.forged.size();
    const auto peer = begin(tunnels, row.ticket, row.how);
    EXPECT_EQ(peer->outlet.refused, row.close);
    EXPECT_EQ(peer->selected(), "usher.refused");
    EXPECT_FALSE(peer->outlet.dialled);
    EXPECT_EQ(observer.rejected, std::vector<Rejection>{row.why});
    EXPECT_EQ(observer.forged.size() - forged_before, row.forged ? 1u : 0u);
    ASSERT_EQ(reject_log.lines.size(), 1u);
    EXPECT_TRUE(reject_log.lines[0].starts_with("WS: Rejected - ")) << reject_log.lines[0];
    if (!row.ticket.empty()) {
      EXPECT_EQ(reject_log.lines[0].find(row.ticket), std::string::npos) << "a ticket is a secret";
    }
    EXPECT_EQ(hub.connections(), 0u);
  }
  EXPECT_TRUE(hooks.events.empty());
  EXPECT_EQ(tunnel_observer.answers.size(), 0u);
  EXPECT_FALSE(begin(tunnels, good_ticket)->outlet.ended) << "a foreign page burns no ticket";
}

TEST_F(TunnelSessionTest, ATicketStoreThatIsAwayIsASoftFailure) {
  const auto peer = begin(late_tunnels, std::string(32, '0'));
  EXPECT_EQ(peer->outlet.deadline, clock.now() + options.store_timeout);
  advance(options.store_timeout);
  peer->session->on_deadline(clock.now());
  EXPECT_EQ(peer->outlet.refused, (Close{1013, "STORE_UNAVAILABLE"}));
  late_store.waiting.front()(ticket::Redeemed{ticket::RedeemOutcome::ok, grant(), {}});
  EXPECT_EQ(hub.connections(), 0u) << "the answer came too late";

  const auto other = begin(late_tunnels, std::string(32, '0'));
  late_store.waiting.back()(ticket::Redeemed::unavailable());
  EXPECT_EQ(other->outlet.refused, (Close{1013, "STORE_UNAVAILABLE"}));
}

TEST_F(TunnelSessionTest, GuestsPassUnlessOnlyUsersMay) {
  for (const std::size_t upstream : {std::size_t{kBoard}, std::size_t{kUsersOnly}}) {
    for (const char* user : {"", "ada"}) {
      ticket::Grant who = grant();
      who.user = user;
      const auto peer = dialling(who, {.upstream = upstream});
      const bool passes = upstream == kBoard || *user != '\0';
      EXPECT_EQ(peer->outlet.dialled.has_value(), passes) << upstream << user;
      EXPECT_EQ(peer->outlet.refused,
                passes ? std::nullopt : std::optional(Close{1008, "NOT_AUTHORIZED"}));
    }
  }
  ASSERT_EQ(reject_log.lines.size(), 1u);
  EXPECT_TRUE(
      reject_log.lines[0].starts_with("WS: Rejected - guests may not use this upstream { session"))
      << reject_log.lines[0];
}

TEST_F(TunnelSessionTest, ARefusalSelectsASubprotocolThatWasOffered) {
  struct Row {
    std::string offered, selected;
  };
  for (const Row& row :
       {Row{"chat, superchat", "chat"}, Row{"", ""}, Row{"chat, usher.refused", "usher.refused"}}) {
    const auto peer = begin(tunnels, std::string(32, '0'), {.protocols = row.offered});
    EXPECT_EQ(peer->selected(), row.selected);
    EXPECT_NE(peer->outlet.switched.find(kAccept), std::string::npos);
    const auto refused = dialling(grant(), {.protocols = row.offered});
    answer(*refused, {.status = 403, .fields = {}});
    EXPECT_EQ(refused->selected(), row.selected);
  }
}

TEST_F(TunnelSessionTest, AnEngineThatIsAwayIsASoftFailureAndTheUpstreamHearsNothing) {
  broker.error = hub::Error::internal;
  const auto peer = begin(noted_tunnels, ticket(grant()));
  EXPECT_FALSE(peer->outlet.ended) << "the hub is in the middle of the join";
  run(*peer);
  EXPECT_EQ(peer->outlet.refused, (Close{1013, "STORE_UNAVAILABLE"}));
  EXPECT_FALSE(peer->outlet.dialled);
  EXPECT_EQ(noted_hub.connections(), 0u);
  EXPECT_EQ(observer.rejected, std::vector{Rejection::store_unavailable});
}

TEST_F(TunnelSessionTest, AChannelThatItIsNotGivenOtherwiseDoesNotMatterToATunnel) {
  broker.error = hub::Error::limit_exceeded;
  const auto peer = begin(noted_tunnels, ticket(grant()));
  run(*peer);
  EXPECT_TRUE(peer->outlet.dialled);
}

// ---- the upstream's answer ----

TEST_F(TunnelSessionTest, EachAnswerOfTheUpstreamHasItsCloseCodeCountAndLine) {
  const Close unavailable{1013, "UPSTREAM_UNAVAILABLE"}, refused{3522, "UPSTREAM_REFUSED"};
  wire::HttpAnswer wrong_key = good(), wrong_protocol = good();
  wrong_key.fields.back().second = "AAAA";
  wrong_protocol.fields.emplace_back("Sec-WebSocket-Protocol", "mqtt");
  struct Row {
    wire::HttpAnswer answer;
    UpstreamResult result;
    Close close;
    std::string line;
  };
  for (
      const Row& row : {
          Row{{.status = 503, .fields = {{"Retry-After", "7"}}},
              UpstreamResult::unavailable,
              unavailable,
              "result: 'unavailable', reason: 'it answered 503', status: 503, "
              "retry_after_ms: 7000, "},
          Row{{.status = 500, .fields = {}},
              UpstreamResult::unavailable,
              unavailable,
              "result: 'unavailable', reason: 'it answered 500', status: 500, client: '"},
          Row{{.status = 429, .fields = {}},
              UpstreamResult::unavailable,
              unavailable,
              "result: 'unavailable', reason: 'it answered 429', status: 429, "},
          Row{{.status = 403, .fields = {}},
              UpstreamResult::refused,
              refused,
              "result: 'refused', reason: 'it answered 403', status: 403, "},
          Row{{.status = 200, .fields = {}},
              UpstreamResult::wrong,
              unavailable,
              "result: 'wrong', reason: 'it answered 200 "},
          Row{wrong_key, UpstreamResult::wrong, unavailable,
              "result: 'wrong', reason: 'its 101 has a wrong Sec-WebSocket-Accept', status: 101, "},
          Row{wrong_protocol, UpstreamResult::wrong, unavailable,
              "result: 'wrong', reason: 'its 101 selects a subprotocol that was not offered', "},
      }) {
    tunnel_observer.answers.clear();
    const auto peer = dialling(grant());
    advance(250ms);
    answer(*peer, row.answer);
    EXPECT_EQ(peer->outlet.refused, row.close) << row.line;
    EXPECT_EQ(peer->selected(), "usher.refused");
    EXPECT_EQ(tunnel_observer.answers,
              (std::vector<RecordingTunnelObserver::Answer>{{kBoard, row.result}}));
    EXPECT_EQ(tunnel_observer.last_took, Duration(250ms));
    const std::string& line = reject_log.lines.back();
    EXPECT_TRUE(line.starts_with("upstream lets no client in { upstream: 'board', " + row.line))
        << line;
    expect_nothing_left();
  }
  EXPECT_TRUE(hooks.events.empty());
  EXPECT_EQ(observer.connected, 0);
  EXPECT_EQ(observer.abandoned, 7);
}

TEST_F(TunnelSessionTest, AnUpstreamThatCannotBeReachedIsASoftFailure) {
  using Why = edge::Unreachable::Why;
  for (const auto& [why, result] : {std::pair{Why::refused, UpstreamResult::unreachable},
                                    {Why::timed_out, UpstreamResult::unreachable},
                                    {Why::not_spoken, UpstreamResult::wrong}}) {
    tunnel_observer.answers.clear();
    const auto peer = dialling(grant());
    peer->session->on_unreachable({why, "connect 127.0.0.1:3000: no"}, clock.now());
    EXPECT_EQ(peer->outlet.refused, (Close{1013, "UPSTREAM_UNAVAILABLE"}));
    EXPECT_EQ(tunnel_observer.answers,
              (std::vector<RecordingTunnelObserver::Answer>{{kBoard, result}}));
    const std::string& line = reject_log.lines.back();
    EXPECT_NE(line.find("reason: 'connect 127.0.0.1:3000: no'"), std::string::npos) << line;
    EXPECT_EQ(line.find("status"), std::string::npos) << line;
    expect_nothing_left();
  }
}

}  // namespace
}  // namespace usher::session
