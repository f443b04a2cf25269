#include "session/admission.h"

#include "session/session_fixture.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;
using Close = RecordingOutlet::Close;

class AdmissionTest : public SessionTest {};

// ---- /ws ----

TEST_F(AdmissionTest, AGoodTicketIsAnsweredByTheConnectPushAndTheTwoLogLines) {
  const auto peer = open(ticket(grant()), kOrigin);
  EXPECT_TRUE(peer->outlet.released);
  ASSERT_EQ(peer->outlet.sent.size(), 1u);
  EXPECT_TRUE(peer->last().starts_with(R"({"push":{"connect":{"client":")")) << peer->last();
  for (const char* part :
       {R"("session":"s1")", R"("version":"usher test")", R"("ping":25,"pong":true)",
        R"("expires":true,"ttl":3600)", R"("node":"n1")", R"("session:s1":{})"}) {
    EXPECT_NE(peer->last().find(part), std::string::npos) << part << " in " << peer->last();
  }
  ASSERT_EQ(log.lines.size(), 2u);
  EXPECT_TRUE(log.lines[0].starts_with("[WS] Authenticated via ticket { hasUserId: false, "));
  EXPECT_TRUE(log.lines[1].starts_with("websocket_connected { originHost: 'app.example', "));
}

TEST_F(AdmissionTest, TheSecondUseOfATicketIsAReplay) {
  const std::string text = ticket(grant());
  const auto first = open(text);
  const auto second = open(text);
  EXPECT_FALSE(first->outlet.closed);
  EXPECT_EQ(second->outlet.closed, (Close{1008, "NOT_AUTHORIZED"}));
  EXPECT_EQ(observer.replays, 1);
  EXPECT_EQ(log.lines.back(), "WS: Rejected - ticket replayed { ticketHash: '" +
                                  ticket::hash(text).for_log() + "' }");
}

TEST_F(AdmissionTest, WhatOpensNothingIsHeldAgainstItsAddressAndAnExpiredTicketIsNot) {
  const std::string spent = ticket(grant()), old = ticket(grant());
  open(spent);
  EXPECT_TRUE(observer.forged.empty());
  open(spent);
  open(std::string(32, '0'));
  EXPECT_EQ(observer.forged, (std::vector<std::string>{"192.0.2.7", "192.0.2.7"}));
  advance(31s);
  EXPECT_EQ(open(old)->outlet.closed->code, 3100);
  const auto sdk = open_sdk();
  say(*sdk, R"({"id":1,"connect":{"token":")" + std::string(32, '0') + R"("}})");
  EXPECT_EQ(observer.forged.size(), 2u);
}

TEST_F(AdmissionTest, AForeignOriginIsRefusedBeforeTheTicketIsBurnt) {
  const std::string text = ticket(grant());
  EXPECT_EQ(open(text, "https://evil.example")->outlet.closed, (Close{1008, "ORIGIN_BLOCKED"}));
  EXPECT_EQ(log.lines.back(), "WS: Rejected - origin blocked { originHost: 'evil.example' }");
  EXPECT_FALSE(open(text, kOrigin)->outlet.closed);
}

TEST_F(AdmissionTest, ABoundTicketOpensOnlyWithExactlyItsOrigin) {
  ticket::Grant bound = grant();
  bound.origin = kOrigin;
  EXPECT_FALSE(open(ticket(bound), kOrigin)->outlet.closed);
  EXPECT_EQ(open(ticket(bound), "https://other.example")->outlet.closed,
            (Close{1008, "ORIGIN_BLOCKED"}));
  EXPECT_EQ(open(ticket(bound))->outlet.closed, (Close{1008, "ORIGIN_BLOCKED"}));
}

TEST_F(AdmissionTest, WhatIsNoTicketIsRefusedWithoutAskingTheStore) {
  for (const auto offer :
       {wire::TicketOffer::none, wire::TicketOffer::malformed, wire::TicketOffer::several}) {
    Peer peer(dependencies, peers);
    peer.session->begin({.ticket_offer = offer, .ticket = "x", .subprotocol = true}, clock.now());
    EXPECT_EQ(peer.outlet.closed, (Close{1008, "NOT_AUTHORIZED"}));
    EXPECT_TRUE(peer.outlet.released);
  }
  EXPECT_EQ(observer.redeemed, 0);
  EXPECT_EQ(log.count("WS: Rejected - no auth ticket"), 1u);
}

TEST_F(AdmissionTest, ExpiredAndUnknownTicketsAreToldApart) {
  const std::string text = ticket(grant());
  advance(30s);
  EXPECT_EQ(open(text)->outlet.closed, (Close{3100, "TICKET_EXPIRED"}));
  EXPECT_NE(log.lines.back().find("WS: Rejected - ticket expired { ticketHash: '"),
            std::string::npos);
  EXPECT_NE(log.lines.back().find("ageMs: 30000 }"), std::string::npos);
  EXPECT_EQ(open("00112233445566778899aabbccddeeff")->outlet.closed,
            (Close{1008, "NOT_AUTHORIZED"}));
  EXPECT_NE(log.lines.back().find("WS: Rejected - ticket invalid or expired { ticketHash: '"),
            std::string::npos);
}

TEST_F(AdmissionTest, ARevokedSessionIsRefusedAtTheDoor) {
  const std::string text = ticket(grant());
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::session, "s1", 1h, wall_clock.now()));
  EXPECT_EQ(open(text)->outlet.closed, (Close{3520, "SESSION_REVOKED"}));
  EXPECT_EQ(log.lines.back(), "WS: Rejected - session revoked { ticketHash: '" +
                                  ticket::hash(text).for_log() + "', session: '" +
                                  identity_for_log(Identities::hash, "s1") + "' }");
}

TEST_F(AdmissionTest, WhoIsRevokedWhileTheStoreIsAskedDoesNotComeIn) {
  LateTicketStore late;
  SessionDependencies with_late = dependencies_on(late);
  Peer peer(with_late, peers);
  peer.session->begin({.ticket_offer = wire::TicketOffer::one,
                       .ticket = "00112233445566778899aabbccddeeff",
                       .subprotocol = true},
                      clock.now());
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::session, "s1", 1h, wall_clock.now()));
  late.waiting.front()(ticket::Redeemed::ok(grant()));
  EXPECT_EQ(peer.outlet.closed, (Close{3520, "SESSION_REVOKED"}));
  EXPECT_TRUE(peer.outlet.sent.empty());
  EXPECT_EQ(hub.connections(), 0u);
}

TEST_F(AdmissionTest, ALateStoreIsUnavailableAndItsAnswerGoesNowhere) {
  LateTicketStore late;
  SessionDependencies with_late = dependencies_on(late);
  auto peer = std::make_unique<Peer>(with_late, peers);
  peer->session->begin({.ticket_offer = wire::TicketOffer::one,
                        .ticket = "00112233445566778899aabbccddeeff",
                        .subprotocol = true},
                       clock.now());
  EXPECT_FALSE(peer->outlet.released);
  pass(*peer, options.store_timeout - 1ms);
  EXPECT_FALSE(peer->outlet.closed);
  pass(*peer, 1ms);
  EXPECT_EQ(peer->outlet.closed, (Close{1013, "STORE_UNAVAILABLE"}));
  EXPECT_EQ(log.lines.back(), "WS: Rejected - ticket store unavailable");
  late.waiting.front()(ticket::Redeemed::ok(grant()));
  EXPECT_TRUE(peer->outlet.sent.empty());

  // The same when the connection has been destroyed.
  peer = std::make_unique<Peer>(with_late, peers);
  peer->session->begin({.ticket_offer = wire::TicketOffer::one,
                        .ticket = "00112233445566778899aabbccddeeff",
                        .subprotocol = true},
                       clock.now());
  peer->session->on_closed({1006, ""});
  peer.reset();
  late.waiting.back()(ticket::Redeemed::ok(grant()));
  EXPECT_EQ(hub.connections(), 0u);
}

// ---- /connection/websocket ----

TEST_F(AdmissionTest, AnSdkConnectsWithItsFirstCommand) {
  const auto peer = open_sdk(kOrigin);
  EXPECT_TRUE(peer->outlet.released);
  say(*peer, R"({"id":1,"connect":{"token":")" + ticket(grant()) + R"("}})");
  ASSERT_EQ(peer->outlet.sent.size(), 1u);
  EXPECT_TRUE(peer->last().starts_with(R"({"id":1,"connect":{"client":")")) << peer->last();
  EXPECT_NE(peer->last().find(R"("ping":25,"pong":true)"), std::string::npos);
}

TEST_F(AdmissionTest, AnSdksSpentTicketIsAReplayOnlyWhileTheConnectionThatItOpenedIsAlive) {
  const std::string text = ticket(grant());
  const std::string connect = R"({"id":1,"connect":{"token":")" + text + R"("}})";
  const auto first = open_sdk();
  say(*first, connect);
  for (const Duration later : {0s, 6s}) {
    advance(later);
    const auto thief = open_sdk();
    say(*thief, connect);
    EXPECT_NE(thief->last().find("\"code\":109"), std::string::npos) << thief->last();
    EXPECT_FALSE(thief->outlet.closed);
  }
  EXPECT_EQ(observer.replays, 2);
  EXPECT_EQ(observer.reused, 0);

  first->session->on_closed({1006, ""});
  const auto reconnecting = open_sdk();
  say(*reconnecting, connect);
  EXPECT_NE(reconnecting->last().find("\"code\":109"), std::string::npos);
  EXPECT_EQ(observer.replays, 2);
  EXPECT_EQ(observer.reused, 1);

  // The same connection may try again with a new one.
  say(*reconnecting, R"({"id":2,"connect":{"token":")" + ticket(grant()) + R"("}})");
  EXPECT_NE(reconnecting->last().find(R"({"id":2,"connect":)"), std::string::npos);
}

TEST_F(AdmissionTest, WhatAnSdkWasRefreshedWithIsReusedLikewise) {
  const auto peer = open_sdk();
  say(*peer, R"({"id":1,"connect":{"token":")" + ticket(grant()) + R"("}})");
  const std::string fresh = ticket(grant());
  say(*peer, R"({"id":2,"refresh":{"token":")" + fresh + R"("}})");
  const std::string connect = R"({"id":1,"connect":{"token":")" + fresh + R"("}})";
  say(*open_sdk(), connect);
  EXPECT_EQ(observer.replays, 1);
  pass(*peer, 2h);  // ends because no pong comes
  ASSERT_TRUE(peer->outlet.closed);
  EXPECT_EQ(observer.reused, 0);
}

TEST_F(AdmissionTest, AnSdkIsRefusedWithCodesThatItObeys) {
  EXPECT_EQ(open_sdk("https://evil.example")->outlet.closed, (Close{3521, "ORIGIN_BLOCKED"}));

  const auto silent = open_sdk();
  pass(*silent, 10s);
  EXPECT_EQ(silent->outlet.closed, (Close{3500, "NOT_AUTHORIZED"}));

  const auto empty = open_sdk();
  say(*empty, R"({"id":1,"connect":{}})");
  EXPECT_EQ(empty->outlet.closed, (Close{3500, "NOT_AUTHORIZED"}));

  const auto wrong = open_sdk();
  say(*wrong, R"({"id":1,"subscribe":{"channel":"open:x"}})");
  EXPECT_EQ(wrong->outlet.closed, (Close{3501, "BAD_REQUEST"}));

  const auto huge = open_sdk();
  say(*huge, R"({"id":1,"connect":{"token":")" + std::string(16 * 1024, 'a') + R"("}})");
  EXPECT_EQ(huge->outlet.closed->code, 1009);
}

TEST_F(AdmissionTest, AJwtIsTakenOnlyWhereTheDoorIsOpen) {
  // 109 would make an SDK fetch another JWT, for ever.
  for (const auto* token : {"good.jwt", "x", "00112233445566778899AABBCCDDEEFF",
                            "00112233445566778899aabbccddeef", "{{TICKET}}"}) {
    const auto closed_door = open_sdk();
    say(*closed_door, R"({"id":1,"connect":{"token":")" + std::string(token) + R"("}})");
    EXPECT_EQ(closed_door->outlet.closed, (Close{3500, "NOT_AUTHORIZED"})) << token;
    EXPECT_TRUE(closed_door->outlet.sent.empty()) << token;
  }

  dependencies.tokens = &door;
  door.exp = unix_seconds(wall_clock.now()) + 60;
  const auto good = open_sdk();
  say(*good, R"({"id":1,"connect":{"token":"good.jwt"}})");
  EXPECT_NE(good->last().find("\"ttl\":60"), std::string::npos) << good->last();
  const auto old = open_sdk();
  say(*old, R"({"id":1,"connect":{"token":"old.jwt"}})");
  EXPECT_NE(old->last().find("\"code\":109"), std::string::npos);
  const auto busy = open_sdk();
  say(*busy, R"({"id":1,"connect":{"token":"busy.jwt"}})");
  EXPECT_NE(busy->last().find("\"code\":111"), std::string::npos);
  const auto forged = open_sdk();
  say(*forged, R"({"id":1,"connect":{"token":"forged.jwt"}})");
  EXPECT_EQ(forged->outlet.closed, (Close{3500, "NOT_AUTHORIZED"}));
}

TEST_F(AdmissionTest, AJwtWhoseKeyIsNotKnownYetIsRefusedForNowHoweverOften) {
  dependencies.tokens = &door;
  const auto peer = open_sdk();
  for (int i = 1; i < 8; ++i) {
    say(*peer, R"({"id":1,"connect":{"token":"new.jwt"}})");
    EXPECT_EQ(
        peer->last(),
        R"({"id":1,"error":{"code":100,"message":"internal server error","temporary":true}})");
    EXPECT_EQ(log.lines.back().find("WS: Rejected - token key unknown"), 0u) << log.lines.back();
  }
  say(*peer, R"({"id":1,"connect":{"token":"new.jwt"}})");
  EXPECT_EQ(peer->outlet.closed, (Close{1013, "STORE_UNAVAILABLE"}));
}

TEST_F(AdmissionTest, AJwtMayWaitForItsKey) {
  dependencies.tokens = &door;
  door.exp = unix_seconds(wall_clock.now()) + 60;
  const auto peer = open_sdk();
  say(*peer, R"({"id":1,"connect":{"token":"late.jwt"}})");
  EXPECT_TRUE(peer->outlet.sent.empty());
  std::exchange(door.waiting, {}).front()(door.claims());
  EXPECT_TRUE(peer->last().starts_with(R"({"id":1,"connect":{"client":")")) << peer->last();

  // An answer that comes too late goes nowhere.
  auto late = open_sdk();
  say(*late, R"({"id":1,"connect":{"token":"late.jwt"}})");
  pass(*late, options.store_timeout);
  EXPECT_EQ(late->outlet.closed, (Close{1013, "STORE_UNAVAILABLE"}));
  late.reset();
  door.waiting.front()(door.claims());
}

// ---- without a session ----

class AdmissionAloneTest : public SessionTest {
 protected:
  Admission admission_on(edge::Endpoint endpoint) {
    return Admission(dependencies, endpoint, held);
  }
  // Shows `token`, and returns what comes of it.
  std::optional<Admission::Outcome> connect(Admission& admission, std::uint32_t id,
                                            std::string_view token) {
    std::optional<Admission::Outcome> outcome;
    const auto rejected =
        admission.connect(id, {.token = token, .subs = {{.channel = "open:a"}}}, clock.now(),
                          [&](Result<ticket::Grant, Refusal> checked) {
                            outcome = admission.judge(std::move(checked), clock.now());
                          });
    if (rejected) outcome = *rejected;
    return outcome;
  }
  HeldCredential held;
};

TEST_F(AdmissionAloneTest, ItEndsAdmittedWithGrantTicketAndWishes) {
  Admission admission = admission_on(edge::Endpoint::sdk);
  EXPECT_FALSE(admission.begin({.endpoint = edge::Endpoint::sdk}, clock.now(), [](const auto&) {}));
  EXPECT_EQ(admission.deadline(), clock.now() + options.connect_timeout);
  const std::string text = ticket(grant());
  const auto outcome = connect(admission, 7, text);
  ASSERT_TRUE(outcome && std::holds_alternative<Admission::Admitted>(*outcome));
  const auto& admitted = std::get<Admission::Admitted>(*outcome);
  EXPECT_EQ(admitted.grant.session, "s1");
  EXPECT_EQ(admitted.ticket, ticket::hash(text));
  ASSERT_EQ(admitted.wishes.size(), 1u);
  EXPECT_EQ(admitted.wishes[0].channel, "open:a");
  EXPECT_EQ(admission.command_id(), 7u);
}

TEST_F(AdmissionAloneTest, AnSdkIsRefusedSoOftenAndThenRejected) {
  Admission admission = admission_on(edge::Endpoint::sdk);
  admission.begin({.endpoint = edge::Endpoint::sdk}, clock.now(), [](const auto&) {});
  const TimePoint connect_by = admission.deadline();
  const std::string unknown(32, '0');
  for (int i = 1; i < Admission::kRefusedCredentialsMax; ++i) {
    const auto outcome = connect(admission, 1, unknown);
    ASSERT_TRUE(outcome && std::holds_alternative<Admission::Refused>(*outcome)) << i;
    EXPECT_EQ(std::get<Admission::Refused>(*outcome).error, wire::ProtocolError::token_expired);
    EXPECT_EQ(admission.deadline(), connect_by) << "however often it is refused";
  }
  const auto last = connect(admission, 1, unknown);
  ASSERT_TRUE(last && std::holds_alternative<wire::CloseReason>(*last));
  EXPECT_EQ(std::get<wire::CloseReason>(*last).code, 3500);
  EXPECT_EQ(observer.rejected.size(), static_cast<std::size_t>(Admission::kRefusedCredentialsMax));
}

TEST_F(AdmissionAloneTest, TheDeadlineNamesTheStoreOnlyIfItIsAsked) {
  LateTicketStore late;
  SessionDependencies with_late = dependencies_on(late);
  Admission admission(with_late, edge::Endpoint::sdk, held);
  admission.begin({.endpoint = edge::Endpoint::sdk}, clock.now(), [](const auto&) {});
  EXPECT_EQ(admission.on_deadline().reason, "NOT_AUTHORIZED");
  EXPECT_FALSE(admission.connect(1, {.token = std::string_view("00112233445566778899aabbccddeeff")},
                                 clock.now(), [](const auto&) { FAIL() << "it is cancelled"; }));
  EXPECT_TRUE(admission.is_checking());
  EXPECT_EQ(admission.deadline(), clock.now() + options.store_timeout);
  EXPECT_EQ(admission.on_deadline().reason, "STORE_UNAVAILABLE");
  EXPECT_FALSE(admission.is_checking());
  late.waiting.front()(ticket::Redeemed::ok(grant()));
}

}  // namespace
}  // namespace usher::session
