#include "gateway/logout_route.h"

#include "api/revoker.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using metrics::LogoutOutcome;

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kSetType = "application/secevent+jwt";
constexpr const char* kEvent = R"({"http://schemas.openid.net/event/backchannel-logout":{}})";

class LogoutRouteTest : public GatewayTest {
 protected:
  LogoutRouteTest() { use_issuer(issuer_options()); }

  static auth::JwtOptions issuer_options() {
    auth::JwtOptions made;
    made.issuer = "idp";
    made.audience = {"api"};
    made.logout_audience = {"client-1"};
    return made;
  }
  void use_issuer(const auth::JwtOptions& of_issuer) {
    jwt.set(std::make_shared<const auth::JwtVerifier>(of_issuer,
                                                      auth::KeySet({auth::secret_key(kSecret)})));
  }
  auth::JwtPayload logout(const char* jti = "m1") const {
    auth::JwtPayload payload;
    payload.set("iss", "idp").set("aud", "client-1").set("jti", jti).set("sid", "S1");
    payload.set_number("iat", unix_now()).set_number("exp", unix_now() + 120);
    payload.set_json("events", kEvent);
    return payload;
  }
  Call to_logout(std::string body, const char* type = kForm) const {
    return {.target = "/auth/backchannel-logout",
            .fields = {{"Content-Type", type}},
            .body = std::move(body)};
  }
  Reply post(const auth::JwtPayload& payload, const char* secret = kSecret) {
    return send(to_logout("logout_token=" + sign(payload, secret)));
  }
  auth::JwtPayload event(const char* type, const char* jti = "e1") const {
    auth::JwtPayload payload;
    payload.set("iss", "idp").set("aud", "client-1").set("jti", jti).set("sub", "ada");
    payload.set_number("iat", unix_now());
    payload.set_json("events", std::string("{\"") + type + "\":{}}");
    return payload;
  }
  std::string sign_event(const auth::JwtPayload& payload, const char* secret = kSecret) const {
    return auth::JwtSigner(auth::secret_key(secret))
        .sign_raw(R"({"alg":"HS256","typ":"secevent+jwt"})", payload.json());
  }
  Call to_events(std::string body, const char* type = kSetType) const {
    return {.target = "/auth/security-events",
            .fields = {{"Content-Type", type}},
            .body = std::move(body)};
  }
  const hub::Target& closed() const {
    return std::get<hub::DisconnectOrder>(broker.commands.back()).target;
  }
  std::uint64_t counted(LogoutOutcome outcome) const { return metrics.logouts[outcome].value(); }
};

constexpr const char* kDisabled =
    "https://schemas.openid.net/secevent/risc/event-type/account-disabled";

TEST_F(LogoutRouteTest, ALogoutTokenEndsItsSessionAndKeepsItOut) {
  const Reply reply = post(logout());
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(reply.field("Cache-Control"), "no-store");
  EXPECT_EQ(reply.fields.count("Access-Control-Allow-Origin"), 0u);
  EXPECT_EQ(closed().sid, "idp\nS1");
  EXPECT_EQ(counted(LogoutOutcome::session), 1u);
  auth::JwtPayload token = claims("s1");
  token.set("iss", "idp").set("aud", "api").set("sid", "S1");
  EXPECT_EQ(ask_ticket(sign(token)).code(), "SESSION_REVOKED");
  auth::JwtPayload other = claims("s1");
  other.set("iss", "idp").set("aud", "api").set("sid", "S2");
  EXPECT_EQ(ask_ticket(sign(other)).status, 200);
}

TEST_F(LogoutRouteTest, AUsersLogoutSparesALaterLogin) {
  auth::JwtPayload payload;
  payload.set("iss", "idp").set("aud", "client-1").set("jti", "m1").set("sub", "ada");
  payload.set_number("iat", unix_now() - 20).set_number("exp", unix_now() + 120);
  payload.set_json("events", kEvent);
  EXPECT_EQ(post(payload).status, 200);
  EXPECT_EQ(closed().user, "ada");
  EXPECT_EQ(closed().issued_until, unix_now() - 20);
  EXPECT_EQ(counted(LogoutOutcome::user), 1u);
  const auto issued = [&](std::int64_t at) {
    auth::JwtPayload token = claims("s1");
    token.set("iss", "idp").set("aud", "api").set("sub", "ada").set_number("iat", at);
    return ask_ticket(sign(token));
  };
  EXPECT_EQ(issued(unix_now() - 20).code(), "SESSION_REVOKED");
  EXPECT_EQ(issued(unix_now() - 19).status, 200);
}

TEST_F(LogoutRouteTest, WhatIsNotAGoodMessageIs400AndEndsNothing) {
  const std::string good = sign(logout());
  const Call bad[] = {
      to_logout("logout_token=" + good, "application/json"),
      to_logout("logout_token=" + good, ""),
      to_logout(""),
      to_logout("token=" + good),
      to_logout("logout_token=" + good + "&logout_token=" + good),
      to_logout("logout_token=%zz"),
      to_logout("logout_token=abc"),
      to_logout("logout_token=" + sign(logout(), "another-secret-another-secret-another")),
      to_logout("logout_token=" + sign(claims())),
  };
  for (const Call& call : bad) {
    const Reply reply = send(call);
    EXPECT_EQ(reply.status, 400) << call.body;
    EXPECT_EQ(reply.field("Content-Type"), "application/json");
    EXPECT_EQ(reply.field("Cache-Control"), "no-store");
    EXPECT_EQ(reply.text("error"), "invalid_request");
    EXPECT_NE(reply.text("error_description"), "(none)");
  }
  EXPECT_TRUE(broker.commands.empty());
  EXPECT_EQ(counted(LogoutOutcome::refused), std::size(bad));
  EXPECT_EQ(send(to_logout("state=x&logout_token=" + good,
                           "Application/X-WWW-Form-URLencoded ; charset=utf-8"))
                .status,
            200);
}

TEST_F(LogoutRouteTest, ALogoutTokenCountsOnce) {
  EXPECT_EQ(post(logout()).status, 200);
  EXPECT_EQ(post(logout()).status, 400);
  EXPECT_EQ(post(logout("m2")).status, 200);
}

TEST_F(LogoutRouteTest, ALogoutTokenOpensNothingAndAnAccessTokenEndsNothing) {
  auth::JwtPayload both = logout();
  both.set("sessionId", "s1");
  use_issuer([&] {
    auth::JwtOptions changed = issuer_options();
    changed.audience = {"client-1"};
    return changed;
  }());
  EXPECT_EQ(ask_ticket(sign(both)).code(), "INVALID_TOKEN");
  auth::JwtPayload access = claims("s1");
  access.set("iss", "idp").set("aud", "client-1").set("jti", "j").set_number("iat", unix_now());
  EXPECT_EQ(post(access).status, 400);
  EXPECT_EQ(ask_ticket(sign(access)).status, 200);
}

TEST_F(LogoutRouteTest, WithoutLogoutAudienceThePathsDoNotExist) {
  auth::JwtOptions changed = issuer_options();
  changed.logout_audience = {};
  use_issuer(changed);
  EXPECT_EQ(post(logout()).status, 404);
  EXPECT_EQ(send(to_events(sign_event(event(kDisabled)))).status, 404);
}

TEST_F(LogoutRouteTest, ItIsForProvidersAndNotForPages) {
  for (const char* target : {"/auth/backchannel-logout", "/auth/security-events"}) {
    Call call{.target = target, .fields = {{"Origin", kOrigin}}};
    const Reply reply = send(call);
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(reply.code(), "ORIGIN_BLOCKED");
    EXPECT_EQ(reply.fields.count("Access-Control-Allow-Origin"), 0u);
    EXPECT_FALSE(judge(call).wanted);
    call.fields.clear();
    EXPECT_TRUE(judge(call).wanted);
    call.body_too_large = true;
    EXPECT_EQ(send(call).status, 413);
    call.method = "GET";
    EXPECT_EQ(send(call).field("Allow"), "POST");
    call.listener = edge::ListenerRole::api;
    EXPECT_EQ(send(call).status, 404);
  }
}

TEST_F(LogoutRouteTest, AnAddressOfBadMessagesIsRefusedBeforeTheSignatureAndGoodOnesAreNotLimited) {
  limits::RateLimiter failures({2, std::chrono::minutes(1)}, {}, entropy);
  dependencies.logout_failures_per_address = &failures;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(post(logout(std::to_string(i).c_str())).status, 200);
  EXPECT_EQ(send(to_logout("logout_token=x")).status, 400);
  EXPECT_EQ(send(to_logout("logout_token=x")).status, 400);
  const Reply limited = post(logout("late"));
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.field("Retry-After"), "30");
  Call other = to_logout("logout_token=" + sign(logout("other")));
  other.peer = "192.0.2.2";
  EXPECT_EQ(send(other).status, 200);
  Call shared = to_logout("logout_token=" + sign(logout("shared")));
  shared.address_is_shared = true;
  EXPECT_EQ(send(shared).status, 200) << "a proxy that names no client";
}

struct FakeRevoker final : api::Revoker {
  void revoke(auth::RevokedBy, std::string_view, WallTime, WallTime, WallTime,
              Handler done) override {
    done(answer);
  }
  api::RevokedElsewhere answer = api::RevokedElsewhere::later;
};

TEST_F(LogoutRouteTest, WhatIsNotDoneEverywhereIs503AndMayComeAgain) {
  FakeRevoker revoker;
  dependencies.revoker = &revoker;
  const Reply reply = post(logout());
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), "STORE_UNAVAILABLE");
  EXPECT_EQ(reply.field("Retry-After"), "1");
  EXPECT_EQ(counted(LogoutOutcome::unavailable), 1u);
  revoker.answer = api::RevokedElsewhere::yes;
  EXPECT_EQ(post(logout()).status, 200);
  broker.order_answer.elsewhere = hub::Elsewhere::unconfirmed;
  EXPECT_EQ(post(logout("m2")).status, 503);
}

TEST_F(LogoutRouteTest, ASecurityEventEndsItsUserAndIsAcknowledgedAgain) {
  const Reply reply = send(to_events(sign_event(event(kDisabled))));
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(closed().user, "ada");
  broker.commands.clear();
  EXPECT_EQ(send(to_events(sign_event(event(kDisabled)))).status, 202);
  EXPECT_TRUE(broker.commands.empty());
  EXPECT_EQ(counted(LogoutOutcome::user), 1u);
  EXPECT_EQ(counted(LogoutOutcome::ignored), 1u);
}

TEST_F(LogoutRouteTest, AnEventOfAnUnknownTypeIsAcknowledgedAndLogged) {
  EXPECT_EQ(send(to_events(sign_event(event("https://example.com/event/hello")))).status, 202);
  EXPECT_TRUE(broker.commands.empty());
  EXPECT_EQ(counted(LogoutOutcome::ignored), 1u);
  EXPECT_EQ(log.count("[Logout] Event of an unknown type ignored"), 1u);
}

TEST_F(LogoutRouteTest, ARefusedEventHasACodeOfRfc8935) {
  const auto err = [&](const Call& call) {
    const Reply reply = send(call);
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.field("Content-Type"), "application/json");
    EXPECT_NE(reply.text("description"), "(none)");
    return reply.text("err");
  };
  auth::JwtPayload foreign = event(kDisabled);
  foreign.set("iss", "other");
  auth::JwtPayload api = event(kDisabled);
  api.set("aud", "api");
  EXPECT_EQ(err(to_events("")), "invalid_request");
  EXPECT_EQ(err(to_events("a.b.c")), "invalid_request");
  EXPECT_EQ(err(to_events(sign_event(event(kDisabled)), "application/jwt")), "invalid_request");
  EXPECT_EQ(err(to_events(sign_event(event(kDisabled), "another-secret-another-secret-another"))),
            "invalid_key");
  EXPECT_EQ(err(to_events(sign_event(foreign))), "invalid_issuer");
  EXPECT_EQ(err(to_events(sign_event(api))), "invalid_audience");
  EXPECT_EQ(err(to_events(sign(logout()))), "invalid_request");
  EXPECT_TRUE(broker.commands.empty());
}

TEST_F(LogoutRouteTest, LinesNameTheSessionByItsHashAndHoldNoToken) {
  const std::string token = sign(logout());
  send(to_logout("logout_token=" + token));
  EXPECT_EQ(log.count("[Logout] Revoked by the identity provider"), 1u);
  EXPECT_EQ(log.count("S1"), 0u);
  EXPECT_EQ(log.count(token.substr(token.rfind('.'))), 0u);
}

}  // namespace
}  // namespace usher::gateway
