#include "gateway/ticket_route.h"

#include "support/fake_newer_keys.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;

class TicketRouteTest : public GatewayTest {
 protected:
  Reply ask(std::string body = {}) { return ask_ticket(sign(claims()), std::move(body)); }
  void expect_refusal(const Reply& reply, int status, const char* code) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.code(), code);
    EXPECT_EQ(reply.field("Content-Type"), "application/problem+json");
    EXPECT_EQ(reply.fields.count("WWW-Authenticate"), status == 401 ? 1u : 0u);
    EXPECT_EQ(reply.fields.count("Retry-After"), status == 429 || status == 503 ? 1u : 0u);
    EXPECT_EQ(reply.has("retry_after_ms"), status == 429 || status == 503);
    EXPECT_EQ(metrics.tickets_issued.value(), issued_);
  }
  void forget_issued() { issued_ = metrics.tickets_issued.value(); }

 private:
  std::uint64_t issued_ = 0;
};

TEST_F(TicketRouteTest, GoodTokenIsTradedForATicketThatLivesThirtySeconds) {
  const auto reply = ask();
  EXPECT_EQ(reply.status, 200);
  const auto text = reply.text("ticket");
  EXPECT_TRUE(ticket::is_well_formed(text)) << reply.body;
  EXPECT_EQ(reply.body, "{\"ticket\":\"" + text + "\",\"expires_in\":30}");
  EXPECT_EQ(reply.field("Cache-Control"), "no-store");
  EXPECT_EQ(metrics.tickets_issued.value(), 1u);
}

TEST_F(TicketRouteTest, EverythingThatTheConnectionNeedsIsBehindTheTicket) {
  auto payload = claims("s9");
  payload.set("sub", "ada").set("jti", "j1").set_number("iat", unix_now());
  payload.set_json("channels", R"(["orders:42","news*"])");
  const auto reply = send({.fields = {bearer(sign(payload)), {"Origin", kOrigin}},
                           .body = "{\"subs\":{\"news:1\":{},\n\"orders:42\":{\"recover\":true,"
                                   "\"epoch\":\"qFhv\",\"offset\":41}}}"});
  const auto grant = redeem(reply.text("ticket"));
  ASSERT_TRUE(grant);
  EXPECT_EQ(*grant,
            (ticket::Grant{
                .session = "s9",
                .user = "ada",
                .jti = "j1",
                .iat = unix_now(),
                .token_exp = unix_now() + 3600,
                .channels = {"orders:42", "news*"},
                .subs = R"({"news:1":{}, "orders:42":{"recover":true,"epoch":"qFhv","offset":41}})",
                .origin = kOrigin}));
}

class TicketClaimsTest : public TicketRouteTest {
 protected:
  TicketClaimsTest() {
    jwt.set(std::make_shared<auth::JwtVerifier>(auth::JwtOptions{.claims = {"org"}},
                                                auth::KeySet({auth::secret_key(kSecret)})));
  }
  std::string token() const { return sign(claims().set("org", "acme").set("role", "admin")); }
};

TEST_F(TicketClaimsTest, ATicketCarriesTheClaimsThatTheConfigurationNames) {
  const auto grant = redeem(ask_ticket(token()).text("ticket"));
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->claims, R"({"org":"acme"})");
}

TEST_F(TicketClaimsTest, ClaimsThatAreTooLongGetNoTicketAndTheKeyIsNamed) {
  options.claims_bytes_max = std::string_view(R"({"org":"acme"})").size();
  EXPECT_EQ(ask_ticket(token()).status, 200);
  forget_issued();
  const auto reply = ask_ticket(sign(claims().set("org", "acme2")));
  expect_refusal(reply, 413, "TOO_LARGE");
  EXPECT_TRUE(reply.has("ticket.claims_bytes")) << reply.body;
}

TEST_F(TicketRouteTest, TicketAskedForWithoutAnOriginIsUnbound) {
  const auto grant = redeem(ask().text("ticket"));
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->origin, std::nullopt);
}

TEST_F(TicketRouteTest, LogLineIsTheContractsAndHoldsNoSecret) {
  const auto token = sign(claims());
  const auto text = ask_ticket(token).text("ticket");
  EXPECT_EQ(log.count("[WSTicket] Ticket generated { hasUserId: false, ttl: 30, session: '"), 1u);
  auto payload = claims();
  ask_ticket(sign(payload.set("sub", "ada")));
  EXPECT_EQ(log.count("[WSTicket] Ticket generated { hasUserId: true, ttl: 30, session: '"), 1u);
  EXPECT_EQ(log.count(text), 0u);
  EXPECT_EQ(log.count(token.substr(0, 20)), 0u);
}

TEST_F(TicketRouteTest, MissingOrMalformedAuthorization) {
  expect_refusal(send({}), 401, "MISSING_AUTH");
  for (const char* value : {"", "Bearer", "Bearer ", "bearer", "Basic dXNlcg==", "Bearer a b",
                            "Bearer =", "Bearer \"x\"", "Bearerx", "Bearer\tx"}) {
    expect_refusal(send({.fields = {{"Authorization", value}}}), 401, "MISSING_AUTH");
  }
}

TEST_F(TicketRouteTest, SchemeIsComparedWithoutRegardToCase) {
  EXPECT_EQ(send({.fields = {{"authorization", "bEARER  " + sign(claims())}}}).status, 200);
}

TEST_F(TicketRouteTest, BadTokensAreInvalid) {
  expect_refusal(ask_ticket("x.y.z"), 401, "INVALID_TOKEN");
  expect_refusal(ask_ticket(sign(claims(), "another secret, also of 32 bytes!")), 401,
                 "INVALID_TOKEN");
  expect_refusal(ask_ticket(sign(auth::JwtPayload().set("sessionId", "s1"))), 401, "INVALID_TOKEN");
  expect_refusal(ask_ticket(sign(claims().set_number("nbf", unix_now() + 60))), 401,
                 "INVALID_TOKEN");
  expect_refusal(ask_ticket(sign(claims()) + "x"), 401, "INVALID_TOKEN");
}

TEST_F(TicketRouteTest, ReasonOfABadTokenIsInTheLogAndNotInTheAnswer) {
  const auto reply = ask_ticket(sign(claims(), "another secret, also of 32 bytes!"));
  const std::string reason(auth::reason_of(auth::TokenError::signature));
  EXPECT_EQ(log.count("reason: '" + reason), 1u);
  EXPECT_FALSE(reply.has(reason));
}

TEST_F(TicketRouteTest, ExpiredTokenAfterItsLeeway) {
  const auto token = sign(claims());
  advance(3600s + 29s);
  EXPECT_EQ(ask_ticket(token).status, 200);
  forget_issued();
  advance(1s);
  expect_refusal(ask_ticket(token), 401, "TOKEN_EXPIRED");
}

TEST_F(TicketRouteTest, TokenWithoutASession) {
  expect_refusal(ask_ticket(sign(auth::JwtPayload().set_number("exp", unix_now() + 60))), 401,
                 "MISSING_SESSION");
  expect_refusal(ask_ticket(sign(claims(""))), 401, "MISSING_SESSION");
}

TEST_F(TicketRouteTest, RevokedSessionUserOrTokenId) {
  const auto token =
      sign(claims().set("sub", "ada").set("jti", "j1").set_number("iat", unix_now()));
  for (const auto& [by, name] : {std::pair{auth::RevokedBy::session, "s1"},
                                 {auth::RevokedBy::user, "ada"},
                                 {auth::RevokedBy::jti, "j1"}}) {
    ASSERT_TRUE(revocations.revoke(by, name, 10s, wall_clock.now()));
    expect_refusal(ask_ticket(token), 401, "SESSION_REVOKED");
    advance(11s);
  }
  EXPECT_EQ(ask_ticket(token).status, 200);
}

TEST_F(TicketRouteTest, SessionBucketComesAfterRevocationAndOthersAreNotHeldBack) {
  auto per_session = limiter(2, 10s);
  dependencies.tickets_per_session = &per_session;
  EXPECT_EQ(ask().status, 200);
  EXPECT_EQ(ask().status, 200);
  forget_issued();
  const auto reply = ask();
  expect_refusal(reply, 429, "RATE_LIMITED");
  EXPECT_EQ(reply.field("Retry-After"), "5");
  EXPECT_EQ(ask_ticket(sign(claims("s2"))).status, 200);
  forget_issued();
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::session, "s1", 10s, wall_clock.now()));
  expect_refusal(ask(), 401, "SESSION_REVOKED");
}

TEST_F(TicketRouteTest, AddressBucketComesBeforeEverythingThatCostsUs) {
  auto per_address = limiter(1, 1s);
  dependencies.tickets_per_address = &per_address;
  expect_refusal(send({}), 401, "MISSING_AUTH");
  node.draining = true;
  expect_refusal(send({}), 429, "RATE_LIMITED");
  expect_refusal(send({.peer = "2001:db8::1"}), 503, "DRAINING");
  expect_refusal(send({.peer = "2001:db8::2"}), 429, "RATE_LIMITED");  // the same /64
}

TEST_F(TicketRouteTest, DrainingComesBeforeAuthorization) {
  node.draining = true;
  expect_refusal(send({}), 503, "DRAINING");
}

TEST_F(TicketRouteTest, OverTheNodesTicketRateAPlaceIsGivenAndKept) {
  limits::TicketQueue queue({.per_second = 1}, entropy);
  dependencies.ticket_queue = &queue;
  for (int i = 0; i < 10; ++i) send({});  // no token: takes no turn
  EXPECT_EQ(ask().status, 200);
  forget_issued();
  expect_refusal(send({}), 401, "MISSING_AUTH");
  expect_refusal(ask("[]"), 400, "BAD_REQUEST");
  const auto refused = ask();
  expect_refusal(refused, 503, "OVERLOADED");
  EXPECT_TRUE(refused.has(R"("retry_after_ms":1000,"place":true)")) << refused.body;
  EXPECT_EQ(refused.field("Retry-After"), "1");
  advance(1s);
  EXPECT_EQ(ask().status, 200);
}

TEST_F(TicketRouteTest, TheSessionsOwnBucketComesBeforeThePlace) {
  limits::TicketQueue queue({.per_second = 1}, entropy);
  auto per_session = limiter(1, 10s);
  dependencies.ticket_queue = &queue;
  dependencies.tickets_per_session = &per_session;
  EXPECT_EQ(ask().status, 200);
  forget_issued();
  expect_refusal(ask(), 429, "RATE_LIMITED");
  EXPECT_EQ(queue.places(), 0u);
}

TEST_F(TicketRouteTest, WhereNoPlaceIsLeftItIsNoPlace) {
  limits::TicketQueue queue({.per_second = 1, .wait_max = 500ms}, entropy);
  dependencies.ticket_queue = &queue;
  EXPECT_EQ(ask().status, 200);
  forget_issued();
  const auto refused = ask();
  expect_refusal(refused, 503, "OVERLOADED");
  EXPECT_FALSE(refused.has("place\""));
  EXPECT_TRUE(refused.has(R"("retry_after_ms":500)")) << refused.body;
}

TEST_F(TicketRouteTest, StoreThatCannotBeReached) {
  chosen_store.choose(sick_store);
  expect_refusal(ask(), 503, "STORE_UNAVAILABLE");
  EXPECT_EQ(log.count("Ticket generated"), 0u);
}

TEST_F(TicketRouteTest, FullStoreIsOverloaded) {
  ticket::MemoryTicketStore small(clock, {.live_max = 1, .stripes = 1});
  chosen_store.choose(small);
  EXPECT_EQ(ask().status, 200);
  forget_issued();
  expect_refusal(ask(), 503, "OVERLOADED");
}

TEST_F(TicketRouteTest, LateStoreAnswersOnceWhenItCan) {
  chosen_store.choose(sick_store);
  sick_store.late = true;
  sick_store.outcome = {};
  start({.fields = {bearer(sign(claims())), {"X-Request-ID", "job-7"}, {"Origin", kOrigin}}});
  EXPECT_FALSE(reply_);
  EXPECT_EQ(metrics.tickets_issued.value(), 0u);
  sick_store.answer_late();
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->status, 200);
  EXPECT_EQ(reply_->field("X-Request-ID"), "job-7");
  EXPECT_EQ(reply_->field("Access-Control-Allow-Origin"), kOrigin);
}

TEST_F(TicketRouteTest, BodyMayBeEmptyOrAnObjectAndNothingElse) {
  for (const char* body : {"", "{}", " {} \n", "{\"subs\":{}}", "{\"later\":[1]}"}) {
    EXPECT_EQ(ask(body).status, 200) << body;
  }
  forget_issued();
  for (const char* body : {"[]", "{", "null", "{\"subs\":[]}", "{\"subs\":1}", "{\"subs\":null}",
                           "{\"subs\":{\"a\":1}}", "{\"subs\":{\"a\":{\"offset\":-1}}}",
                           "{\"subs\":{\"a\":{\"offset\":1.5}}}", "{\"subs\":{\"a\":{},\"a\":{}}}",
                           "{\"subs\":{\"a\":{\"recover\":\"yes\"}}}", "{\"subs\":{},\"subs\":{}}",
                           "{\"subs\":{\"a\":{\"x\":tru, 1 2}}}", "subs=1"}) {
    const auto reply = ask(body);
    expect_refusal(reply, 400, "BAD_REQUEST");
  }
}

TEST_F(TicketRouteTest, SubsAreBoundedInNumberAndInBytes) {
  options.channels_per_connection = 3;
  EXPECT_EQ(ask(R"({"subs":{"a":{},"b":{},"c":{}}})").status, 200);
  forget_issued();
  expect_refusal(ask(R"({"subs":{"a":{},"b":{},"c":{},"d":{}}})"), 400, "BAD_REQUEST");
  EXPECT_EQ(ask(R"({"subs":{"session:s1":{},"a":{},"b":{},"c":{},"user:ada":{}}})").status, 200);
  EXPECT_EQ(ask(R"({"subs":{"":{},"not a name":{}}})").status, 200);
  forget_issued();

  const auto padded = [](std::size_t bytes) {
    return "{\"subs\":{" + std::string(bytes - 2, ' ') + "}}";
  };
  EXPECT_EQ(ask(padded(ticket::kSubsBytesMax)).status, 200);
  forget_issued();
  expect_refusal(ask(padded(ticket::kSubsBytesMax + 1)), 413, "TOO_LARGE");
}

TEST_F(TicketRouteTest, KeysAreTakenFromTheLatestSnapshot) {
  const auto token = sign(claims(), "another secret, also of 32 bytes!");
  expect_refusal(ask_ticket(token), 401, "INVALID_TOKEN");
  jwt.set(std::make_shared<auth::JwtVerifier>(
      auth::JwtOptions{}, auth::KeySet({auth::secret_key("another secret, also of 32 bytes!")})));
  EXPECT_EQ(ask_ticket(token).status, 200);
}

// ---- an issuer that publishes its keys ----

class TicketRouteKeysTest : public TicketRouteTest {
 protected:
  TicketRouteKeysTest() {
    dependencies.newer_keys = &newer;
    jwt.set(issuer::FakeNewerKeys::verifier("old"));
  }
  void ask_with_key(const std::string& kid) {
    start({.fields = {bearer(issuer::FakeNewerKeys::sign(claims(), kid))},
           .body = R"({"subs":{"news:1":{}}})"});
  }
  issuer::FakeNewerKeys newer;
};

TEST_F(TicketRouteKeysTest, AKnownKeyAsksNobody) {
  ask_with_key("old");
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->status, 200);
  EXPECT_TRUE(newer.waiting.empty());
}

TEST_F(TicketRouteKeysTest, AnUnknownKeyWaitsForTheIssuersAnswer) {
  ask_with_key("new");
  EXPECT_FALSE(reply_);
  jwt.set(issuer::FakeNewerKeys::verifier("new"));
  newer.answer({.looked = true});
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->status, 200);
  EXPECT_EQ(redeem(reply_->text("ticket"))->subs, R"({"news:1":{}})");
}

TEST_F(TicketRouteKeysTest, AKeyThatTheIssuerDoesNotHaveEitherIsRefused) {
  ask_with_key("forged");
  newer.answer({.looked = true});
  ASSERT_TRUE(reply_);
  expect_refusal(*reply_, 401, "INVALID_TOKEN");
}

TEST_F(TicketRouteKeysTest, WhileTheIssuerMayNotBeAskedTheClientTriesAgainWhenItMay) {
  ask_with_key("new");
  newer.answer({.wait = 12'345ms});
  ASSERT_TRUE(reply_);
  expect_refusal(*reply_, 503, "STORE_UNAVAILABLE");
  EXPECT_EQ(reply_->field("Retry-After"), "13");
  EXPECT_TRUE(reply_->has("\"retry_after_ms\":12345")) << reply_->body;
}

// Another's fetch has ended between the two looks.
TEST_F(TicketRouteKeysTest, AKeyThatCameMeanwhileOpensWhateverTheNews) {
  ask_with_key("new");
  jwt.set(issuer::FakeNewerKeys::verifier("new"));
  newer.answer({.wait = 12'345ms});
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->status, 200);
}

TEST_F(TicketRouteKeysTest, WithoutAnyKeyATokenWithoutANameWaitsToo) {
  jwt.set(issuer::FakeNewerKeys::verifier(nullptr));
  newer.missing = true;
  ask_with_key("");
  EXPECT_FALSE(reply_);
  newer.answer({.wait = 12'345ms});
  ASSERT_TRUE(reply_);
  expect_refusal(*reply_, 503, "STORE_UNAVAILABLE");
}

// A file's nameless key was tried, and says nothing about the issuer's.
TEST_F(TicketRouteKeysTest, WithoutAnyPublishedKeyABadSignatureWaitsToo) {
  jwt.set(std::make_shared<auth::JwtVerifier>(
      auth::JwtOptions{},
      auth::KeySet({auth::secret_key("a secret out of a file, of 32 bytes!")})));
  newer.missing = true;
  ask_with_key("");
  EXPECT_FALSE(reply_);
  newer.answer({.looked = true});
  ASSERT_TRUE(reply_);
  expect_refusal(*reply_, 401, "INVALID_TOKEN");
}

}  // namespace
}  // namespace usher::gateway
