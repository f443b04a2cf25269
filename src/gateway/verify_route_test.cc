#include "gateway/verify_route.h"

#include "hub/client_id.h"
#include "limits/forged_tickets.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;
using Field = std::pair<std::string, std::string>;

class VerifyRouteTest : public GatewayTest {
 protected:
  VerifyRouteTest() {
    advance(10min);  // the store's memory is not young
    options.told_claims = {"org"};
  }

  std::string issue(ticket::Grant grant = {.session = "s1", .user = "ada", .jti = "j1"}) {
    const std::string text = ticket::mint(entropy).text;
    store.put(ticket::hash(text), std::move(grant), 30s, [](auto put) { ASSERT_TRUE(put); });
    return text;
  }
  static Call question(std::vector<Field> fields, std::string target = "/auth/verify") {
    return {.method = "GET",
            .target = std::move(target),
            .fields = std::move(fields),
            .listener = edge::ListenerRole::verify};
  }
  static Field uri_with(const std::string& text) {
    return {"X-Original-URI", "/board?room=7&ticket=" + text};
  }
  Reply ask(const std::string& text, Field more = {"Origin", kOrigin}) {
    return send(question({uri_with(text), std::move(more)}));
  }
  void expect_refusal(const Reply& reply, int status, const char* code) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.code(), code);
    EXPECT_EQ(reply.field("X-Usher-Code"), code);
    EXPECT_EQ(reply.field("Cache-Control"), "no-store");
    EXPECT_EQ(reply.fields.count("X-Usher-Session"), 0u);
  }
};

TEST_F(VerifyRouteTest, AGoodTicketIsAnsweredWithWhoItsBearerIs) {
  const std::string text = issue({.session = "s 1",
                                  .user = "ada",
                                  .token_exp = 2000,
                                  .claims = R"({"org":7,"plan":"pro"})",
                                  .origin = kOrigin});
  const Reply reply = ask(text);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(reply.field("X-Usher-Session"), "s%201");
  EXPECT_EQ(reply.field("X-Usher-User"), "ada");
  EXPECT_TRUE(hub::ClientId::parse(reply.field("X-Usher-Client")));
  EXPECT_EQ(from_base64url(reply.field("X-Usher-Claims")), R"({"org":7})");
  EXPECT_EQ(reply.field("X-Usher-Expires"), "2000");
  EXPECT_EQ(reply.field("X-Usher-Code"), "(none)");
  EXPECT_EQ(reply.field("Cache-Control"), "no-store");
  EXPECT_EQ(log.count("[WS] Authenticated via ticket { hasUserId: true, client: '" +
                      reply.field("X-Usher-Client")),
            1u);
  EXPECT_EQ(log.count("door: 'verify'"), 1u);
  EXPECT_EQ(metrics.ticket_redeems[metrics::RedeemResult::ok].value(), 1u);
  EXPECT_EQ(route_metrics.answers[Route::verify].value(200), 1u);
}

TEST_F(VerifyRouteTest, AGuestHasNoUser) {
  EXPECT_EQ(ask(issue({.session = "s1"})).fields.count("X-Usher-User"), 0u);
}

TEST_F(VerifyRouteTest, TheTicketIsFoundInEachPlaceThatProxiesUse) {
  const auto good = [this](std::vector<Field> fields, std::string target = "/auth/verify") {
    return send(question(std::move(fields), std::move(target))).status == 200;
  };
  EXPECT_TRUE(good({{"X-Original-URI", "/board?ticket=" + issue()}}));
  EXPECT_TRUE(good({{"X-Forwarded-Uri", "/board?ticket=" + issue()}}));
  EXPECT_TRUE(good({{"X-Original-URL", "https://app.example/board?ticket=" + issue()}}));
  EXPECT_TRUE(good({}, "/auth/verify?ticket=" + issue()));
  EXPECT_TRUE(good({}, "/auth/verify/board/7?ticket=" + issue())) << "Envoy's prefix";
  EXPECT_TRUE(good({{"Sec-WebSocket-Protocol", "chat, usher.ticket." + issue()}}));
  const std::string one = issue();
  EXPECT_FALSE(good({uri_with(one)}, "/auth/verify?ticket=" + issue())) << "two different ones";
  EXPECT_TRUE(good({uri_with(one)})) << "which spends neither";
}

TEST_F(VerifyRouteTest, EachRefusalHasItsStatusAndCode) {
  expect_refusal(send(question({})), 401, "NOT_AUTHORIZED");
  expect_refusal(ask("nonsense"), 401, "NOT_AUTHORIZED");
  expect_refusal(ask(std::string(32, '0')), 401, "NOT_AUTHORIZED");
  const std::string text = issue();
  expect_refusal(ask(text, {"Origin", "https://evil.example"}), 403, "ORIGIN_BLOCKED");
  EXPECT_EQ(ask(text).status, 200) << "a foreign Origin spends nothing";
  expect_refusal(ask(text), 401, "NOT_AUTHORIZED");
  EXPECT_EQ(metrics.ticket_replays.value(), 1u);
  expect_refusal(ask(issue({.session = "s1", .origin = "https://a.example"})), 403,
                 "ORIGIN_BLOCKED");
  const std::string old = issue();
  advance(31s);
  expect_refusal(ask(old), 401, "TICKET_EXPIRED");
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::jti, "j1", 1h, wall_clock.now()));
  expect_refusal(ask(issue()), 401, "SESSION_REVOKED");
  chosen_store.choose(sick_store);
  expect_refusal(ask(issue()), 503, "STORE_UNAVAILABLE");
  node.draining = true;
  expect_refusal(ask(issue()), 503, "DRAINING");
  EXPECT_EQ(log.count("http_refused"), 1u) << "the others have a line of their own";
  EXPECT_EQ(reject_log.lines.size(), 9u);
}

TEST_F(VerifyRouteTest, OnlyAHandshakesMethodsAreAnswered) {
  Call call = question({uri_with(issue())});
  call.method = "POST";
  expect_refusal(send(call), 405, "METHOD_NOT_ALLOWED");
  call.method = "HEAD";
  EXPECT_EQ(send(call).status, 200);
}

TEST_F(VerifyRouteTest, ItIsOnNoListenerButItsOwnAndNothingElseIsThere) {
  Call call = question({uri_with(issue())});
  for (const auto role : {edge::ListenerRole::client, edge::ListenerRole::client_and_api,
                          edge::ListenerRole::api, edge::ListenerRole::admin}) {
    call.listener = role;
    EXPECT_EQ(send(call).status, 404);
  }
  for (const char* target :
       {"/", "/auth/verifyx", "/auth/ticket", "/api/info", "/ws", "/healthz"}) {
    EXPECT_EQ(send(question({}, target)).status, 404) << target;
  }
}

TEST_F(VerifyRouteTest, ThePrefixStandsBeforeItsPathToo) {
  options.prefix = "/realtime";
  EXPECT_EQ(send(question({uri_with(issue())}, "/realtime/auth/verify")).status, 200);
  EXPECT_EQ(send(question({uri_with(issue())})).status, 404);
}

TEST_F(VerifyRouteTest, WhatTheQuestionSaysOfTheClientIsNotRead) {
  const Reply reply = send(question({uri_with(issue({.session = "s1"})),
                                     {"X-Usher-User", "eve"},
                                     {"X_Usher_User", "eve"},
                                     {"Upgrade", "websocket"},
                                     {"Connection", "Upgrade"}}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.fields.count("X-Usher-User"), 0u);
}

class VerifyLimitsTest : public VerifyRouteTest {
 protected:
  Reply guess(const std::string& peer, bool is_shared = false) {
    Call call = question({uri_with(ticket::mint(entropy).text)});
    call.peer = peer;
    call.address_is_shared = is_shared;
    return send(call);
  }

  limits::NodeRate per_second{limits::RateLimit{1, 1s}};
  limits::ForgedTickets forged{per_second, entropy};
};

TEST_F(VerifyLimitsTest, WhoGuessesTicketsIsRefusedBeforeTheStoreIsAsked) {
  dependencies.forged_tickets = &forged;
  Reply last;
  for (int i = 0; i < 10; ++i) last = guess("192.0.2.1");
  expect_refusal(last, 503, "OVERLOADED");
  const auto asked = metrics.ticket_redeems[metrics::RedeemResult::unknown].value();
  EXPECT_LT(asked, 10u);
  EXPECT_EQ(guess("192.0.2.2").status, 401) << "another client of the same proxy";
}

TEST_F(VerifyLimitsTest, AnAddressThatStandsForManyPaysForNothing) {
  dependencies.forged_tickets = &forged;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(guess("unix", true).status, 401);
}

TEST_F(VerifyLimitsTest, TheRatesOfUpgradesHold) {
  auto per_address = limiter(2, 1s);
  dependencies.upgrades_per_address = &per_address;
  EXPECT_EQ(guess("192.0.2.1").status, 401);
  EXPECT_EQ(guess("192.0.2.1").status, 401);
  expect_refusal(guess("192.0.2.1"), 503, "OVERLOADED");
  EXPECT_EQ(guess("192.0.2.2").status, 401);
  EXPECT_EQ(guess("192.0.2.1", true).status, 401);
}

TEST_F(VerifyLimitsTest, TheNodesRateIsForQuestionsWithoutATicket) {
  dependencies.upgrades_per_second = &per_second;
  EXPECT_EQ(send(question({})).status, 401);
  expect_refusal(send(question({})), 503, "OVERLOADED");
  EXPECT_EQ(ask(issue()).status, 200);
}

}  // namespace
}  // namespace usher::gateway
