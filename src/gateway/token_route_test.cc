#include "gateway/token_route.h"

#include "support/fake_newer_keys.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;

class TokenRouteTest : public GatewayTest {
 protected:
  Reply ask(std::string body = {}) {
    return send({.target = "/auth/token", .body = std::move(body)});
  }
  Reply renew(const std::string& token, std::string body = {}) {
    return send({.target = "/auth/token", .fields = {bearer(token)}, .body = std::move(body)});
  }
};

TEST_F(TokenRouteTest, NewGuestGetsASessionAndATokenForIt) {
  const auto reply = ask();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "application/json");
  EXPECT_EQ(reply.field("Cache-Control"), "no-store");
  EXPECT_TRUE(reply.has("\"expires_in\":86400}")) << reply.body;
  const auto claims = jwt.get()->verify(reply.text("token"), wall_clock.now());
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->session, reply.text("session_id"));
  EXPECT_TRUE(claims->guest);
  EXPECT_NE(ask().text("session_id"), claims->session);
  EXPECT_EQ(metrics.guests_created.value(), 2u);
}

TEST_F(TokenRouteTest, GuestsTokenOpensTheTicketCall) {
  EXPECT_EQ(ask_ticket(ask().text("token")).status, 200);
}

TEST_F(TokenRouteTest, EmptyObjectAndWhiteSpaceAreFineAsABodyAndGarbageIsNot) {
  for (const char* body : {"{}", " \r\n", "{\"later\":1}"})
    EXPECT_EQ(ask(body).status, 200) << body;
  const auto token = ask().text("token");
  for (const char* body : {"[]", "null", "{", "a=b", "{}x", "\"\""}) {
    EXPECT_EQ(ask(body).code(), "BAD_REQUEST") << body;
    EXPECT_EQ(renew(token, body).code(), "BAD_REQUEST") << body;
  }
  EXPECT_EQ(metrics.guests_created.value(), 4u);
}

TEST_F(TokenRouteTest, GoodOrRecentlyExpiredGuestTokenKeepsItsSession) {
  const auto first = ask();
  advance(1h);
  const auto second = renew(first.text("token"));
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.text("session_id"), first.text("session_id"));
  advance(24h + 720h - 1h);
  const auto third = renew(second.text("token"));
  EXPECT_EQ(third.text("session_id"), first.text("session_id"));
  EXPECT_EQ(metrics.guests_renewed.value(), 2u);
}

TEST_F(TokenRouteTest, GuestTokenBeyondTheWindowIsExpired) {
  const auto first = ask();
  advance(24h + 720h + 31s);
  const auto reply = renew(first.text("token"));
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.code(), "TOKEN_EXPIRED");
}

TEST_F(TokenRouteTest, OnlyGuestTokensAreRenewed) {
  const auto reply = renew(sign(claims()));
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.code(), "INVALID_TOKEN");
  EXPECT_TRUE(reply.has("Only a guest's token can be renewed")) << reply.body;
}

TEST_F(TokenRouteTest, BadCredentialsMakeNoNewGuest) {
  EXPECT_EQ(renew("garbage").code(), "INVALID_TOKEN");
  EXPECT_EQ(send({.target = "/auth/token", .fields = {{"Authorization", "Basic eA=="}}}).code(),
            "MISSING_AUTH");
  EXPECT_EQ(metrics.guests_created.value(), 0u);
}

TEST_F(TokenRouteTest, RevokedSessionIsNotRenewed) {
  const auto first = ask();
  ASSERT_TRUE(
      revocations.revoke(auth::RevokedBy::session, first.text("session_id"), 1h, wall_clock.now()));
  const auto reply = renew(first.text("token"));
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.code(), "SESSION_REVOKED");
}

// Else a token that another gateway has revoked by its `jti` would come back with a new one.
TEST_F(TokenRouteTest, NothingIsRenewedUntilTheRevocationsOfOtherGatewaysAreKnown) {
  bool known = false;
  dependencies.are_revocations_known = [&known] { return known; };
  const auto first = ask();
  EXPECT_EQ(first.status, 200) << "a new guest has nothing that could be revoked";
  const auto reply = renew(first.text("token"));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), "STORE_UNAVAILABLE");
  EXPECT_EQ(reply.field("Retry-After"), "1");
  EXPECT_EQ(renew("garbage").status, 401);
  EXPECT_EQ(metrics.guests_renewed.value(), 0u);
  known = true;
  EXPECT_EQ(renew(first.text("token")).status, 200);
}

TEST_F(TokenRouteTest, WithGuestsOffNobodyGetsAToken) {
  const auto token = ask().text("token");
  dependencies.guest_tokens = nullptr;
  for (const auto& reply : {ask(), renew(token)}) {
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(reply.code(), "GUESTS_DISABLED");
  }
}

TEST_F(TokenRouteTest, AddressBucketIsCheckedBeforeDrainingAndSaysWhenToComeBack) {
  auto per_address = limiter(2, 1min);
  dependencies.tokens_per_address = &per_address;
  EXPECT_EQ(ask().status, 200);
  EXPECT_EQ(ask().status, 200);
  node.draining = true;
  const auto reply = ask();
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.code(), "RATE_LIMITED");
  EXPECT_EQ(reply.field("Retry-After"), "30");
  EXPECT_TRUE(reply.has("\"retry_after_ms\":30000")) << reply.body;
  node.draining = false;
  EXPECT_EQ(send({.target = "/auth/token", .peer = "192.0.2.2"}).status, 200);
  EXPECT_EQ(send({.target = "/auth/ticket"}).status, 401);  // another bucket
}

TEST_F(TokenRouteTest, DrainingNodeSendsGuestsElsewhere) {
  node.draining = true;
  const auto reply = ask();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), "DRAINING");
  EXPECT_NE(reply.field("Retry-After"), "(none)");
}

// An issuer's token is no guest's, whatever its key: but that is only known with the key.
TEST_F(TokenRouteTest, ATokenWithAnUnknownKeyIsRefusedSoftlyUntilTheIssuerHasBeenAsked) {
  issuer::FakeNewerKeys newer;
  dependencies.newer_keys = &newer;
  jwt.set(issuer::FakeNewerKeys::verifier("old"));
  const std::string token = issuer::FakeNewerKeys::sign(claims(), "new");
  start({.target = "/auth/token", .fields = {bearer(token)}});
  EXPECT_FALSE(reply_);
  newer.answer({.wait = 20s});
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->status, 503);
  EXPECT_EQ(reply_->code(), "STORE_UNAVAILABLE");
  EXPECT_EQ(reply_->field("Retry-After"), "20");

  start({.target = "/auth/token", .fields = {bearer(token)}});
  jwt.set(issuer::FakeNewerKeys::verifier("new"));
  newer.answer({.looked = true});
  ASSERT_TRUE(reply_);
  EXPECT_EQ(reply_->status, 401);
  EXPECT_TRUE(reply_->has("Only a guest's token can be renewed")) << reply_->body;
  EXPECT_EQ(metrics.guests_created.value(), 0u);
}

TEST_F(TokenRouteTest, NoTokenIsEverLogged) {
  const auto token = ask().text("token");
  renew(token);
  renew(token + "x");
  for (const auto& line : log.lines)
    EXPECT_EQ(line.find(token.substr(0, 20)), std::string::npos) << line;
}

}  // namespace
}  // namespace usher::gateway
