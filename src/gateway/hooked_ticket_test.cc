// POST /auth/ticket while the backend says whose tickets they are.
#include "gateway/ticket_route.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;
using Fields = std::vector<std::pair<std::string, std::string>>;
using ticket::BackendRefusal;
using ticket::TicketHookAnswer;
using ticket::TicketHookFault;

class FakeTicketHook final : public ticket::TicketHook {
 public:
  bool set = true;
  bool late = false;
  TicketHookAnswer answer = TicketHookFault::unavailable;
  std::vector<UniqueFunction<void(TicketHookAnswer)>> waiting;
  std::size_t asked = 0;

  bool is_set() const override { return set; }
  void ask(const ticket::TicketQuestion&, UniqueFunction<void(TicketHookAnswer)> done) override {
    ++asked;
    if (late) return waiting.push_back(std::move(done));
    done(answer);
  }
};

class HookedTicketTest : public GatewayTest {
 protected:
  HookedTicketTest() {
    dependencies.ticket_hook = &hook;
    hook.answer = grant();
  }
  auth::Claims grant(std::string session = "s1") const {
    return {.session = std::move(session),
            .user = "ada",
            .iat = unix_now(),
            .exp = unix_now() + 60,
            .channels = {"news:1"},
            .info = "{}"};
  }
  Reply ask(Fields fields = {{"Cookie", "sid=1"}}) { return send({.fields = std::move(fields)}); }
  std::string outcome(const Reply& reply) const {
    return std::to_string(reply.status) + " " + (reply.status == 200 ? "" : reply.code());
  }

  FakeTicketHook hook;
};

TEST_F(HookedTicketTest, AGrantOfTheBackendIsBehindTheTicket) {
  const auto reply = ask({{"Cookie", "sid=1"}, {"Origin", kOrigin}});
  const auto behind = redeem(reply.text("ticket"));
  ASSERT_TRUE(behind) << reply.body;
  EXPECT_EQ(*behind, (ticket::Grant{.session = "s1",
                                    .user = "ada",
                                    .iat = unix_now(),
                                    .token_exp = unix_now() + 60,
                                    .channels = {"news:1"},
                                    .info = "{}",
                                    .origin = kOrigin}));
}

TEST_F(HookedTicketTest, ATokenOfOursNeedsNoBackendAndABadOneGetsNone) {
  EXPECT_EQ(outcome(ask_ticket(sign(claims()))), "200 ");
  const auto with_cookie = [&](const std::string& token) {
    return outcome(ask({{"Cookie", "sid=1"}, bearer(token)}));
  };
  EXPECT_EQ(with_cookie(sign(claims())), "200 ");
  EXPECT_EQ(with_cookie(sign(claims().set_number("exp", unix_now() - 600))), "401 TOKEN_EXPIRED");
  EXPECT_EQ(with_cookie(sign(claims(""))), "401 MISSING_SESSION");
  EXPECT_EQ(with_cookie(sign(claims(), "another secret, also of 32 bytes!")), "401 INVALID_TOKEN");
  EXPECT_EQ(hook.asked, 0u);
}

TEST_F(HookedTicketTest, TheBackendIsAskedWithoutATokenOfOurs) {
  jwt.set(std::make_shared<auth::JwtVerifier>(auth::JwtOptions{.issuer = "https://id.example"},
                                              auth::KeySet({auth::secret_key(kSecret)})));
  const char* other = "another secret, also of 32 bytes!";
  const std::vector<Fields> asked = {
      {{"Cookie", "sid=1"}},
      {{"Authorization", "Basic dXNlcg=="}},
      {{"Authorization", "Bearer"}},
      {bearer("opaque")},
      {bearer("a.b.c.d.e")},
      {bearer(std::string(9000, 'x'))},
      {bearer(sign(claims().set("iss", "https://other.example"), other))},
      {bearer(sign(claims(), other))}};
  for (const Fields& fields : asked) EXPECT_EQ(outcome(ask(fields)), "200 ");
  EXPECT_EQ(hook.asked, asked.size());
  EXPECT_EQ(outcome(ask({bearer(sign(claims().set("iss", "https://id.example"), other))})),
            "401 INVALID_TOKEN");
  EXPECT_EQ(outcome(ask({bearer(sign(claims().set("iss", "usher"), other))})), "401 INVALID_TOKEN");
  EXPECT_EQ(outcome(ask({bearer(sign(claims().set("iss", "https://other.example")))})),
            "401 INVALID_TOKEN")
      << "our own key has signed it";
  EXPECT_EQ(hook.asked, asked.size());
}

TEST_F(HookedTicketTest, WithoutAHookNothingIsAsked) {
  hook.set = false;
  const auto reply = ask({{"Cookie", "sid=1"}, {"Origin", kOrigin}});
  EXPECT_EQ(outcome(reply), "401 MISSING_AUTH");
  EXPECT_EQ(reply.field("Access-Control-Allow-Credentials"), "(none)");
  EXPECT_EQ(hook.asked, 0u);
}

TEST_F(HookedTicketTest, ARefusalOfTheBackendReachesTheClient) {
  hook.answer = BackendRefusal{.status = 401, .code = "NO_LOGIN", .message = "Say \"who\""};
  auto reply = ask();
  EXPECT_EQ(outcome(reply), "401 NO_LOGIN");
  EXPECT_TRUE(reply.has(R"("detail":"Say \"who\"")")) << reply.body;
  EXPECT_EQ(reply.field("Content-Type"), "application/problem+json");
  EXPECT_EQ(reply.field("WWW-Authenticate"), "Bearer");
  hook.answer = BackendRefusal{.status = 401, .code = {}, .message = {}};
  EXPECT_EQ(outcome(ask()), "401 LOGIN_REQUIRED");
  hook.answer = BackendRefusal{.status = 403, .code = {}, .message = {}};
  EXPECT_EQ(outcome(ask()), "403 NOT_ALLOWED");
}

TEST_F(HookedTicketTest, ABackendThatDoesNotDecideIsAReasonToTryAgain) {
  for (const auto& [fault, expected] :
       {std::pair{TicketHookFault::unavailable, "503 BACKEND_UNAVAILABLE"},
        {TicketHookFault::no_room, "503 OVERLOADED"},
        {TicketHookFault::no_credentials, "401 MISSING_AUTH"}}) {
    hook.answer = fault;
    const auto reply = ask();
    EXPECT_EQ(outcome(reply), expected);
    EXPECT_EQ(reply.fields.count("Retry-After"), reply.status == 503 ? 1u : 0u);
  }
}

TEST_F(HookedTicketTest, CredentialsAreAllowedForListedOriginsOfThisCallAlone) {
  const auto allows = [&](const Call& call) {
    return send(call).field("Access-Control-Allow-Credentials");
  };
  for (const char* method : {"POST", "OPTIONS"}) {
    EXPECT_EQ(allows({.method = method, .fields = {{"Cookie", "a"}, {"Origin", kOrigin}}}), "true");
    EXPECT_EQ(allows({.method = method, .fields = {{"Origin", "https://evil.example"}}}), "(none)");
    EXPECT_EQ(allows({.method = method, .fields = {{"Cookie", "a"}}}), "(none)");
    EXPECT_EQ(allows({.method = method, .target = "/auth/token", .fields = {{"Origin", kOrigin}}}),
              "(none)");
  }
  hook.answer = TicketHookFault::unavailable;
  EXPECT_EQ(allows({.fields = {{"Cookie", "a"}, {"Origin", kOrigin}}}), "true")
      << "a refusal must be readable";
}

TEST_F(HookedTicketTest, AForeignPageDoesNotReachTheBackend) {
  const auto reply = ask(
      {{"Cookie", "sid=1"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}});
  EXPECT_EQ(outcome(reply), "403 ORIGIN_BLOCKED");
  EXPECT_EQ(reply.field("Access-Control-Allow-Origin"), "https://evil.example");
  EXPECT_EQ(outcome(ask({{"Cookie", "sid=1"}, {"Sec-Fetch-Site", "cross-site"}})),
            "403 ORIGIN_BLOCKED");
  EXPECT_EQ(outcome(ask({{"Cookie", "sid=1"}, {"Origin", "null"}})), "403 ORIGIN_BLOCKED");
  EXPECT_EQ(hook.asked, 0u);
  EXPECT_EQ(outcome(ask_ticket(sign(claims()))), "200 ") << "a Bearer is no browser's own doing";
  EXPECT_EQ(outcome(ask({bearer(sign(claims())), {"Sec-Fetch-Site", "none"}})), "200 ");
}

TEST_F(HookedTicketTest, RateOfTheAddressAndDrainingComeBeforeTheBackend) {
  auto addresses = limiter(1, 1min);
  dependencies.tickets_per_address = &addresses;
  EXPECT_EQ(outcome(ask()), "200 ");
  EXPECT_EQ(outcome(ask()), "429 RATE_LIMITED");
  dependencies.tickets_per_address = nullptr;
  node.draining = true;
  EXPECT_EQ(outcome(ask()), "503 DRAINING");
  EXPECT_EQ(hook.asked, 1u);
}

TEST_F(HookedTicketTest, WhatHoldsForATokensBearerHoldsAfterTheBackend) {
  auto sessions = limiter(1, 1min);
  dependencies.tickets_per_session = &sessions;
  EXPECT_EQ(outcome(ask()), "200 ");
  EXPECT_EQ(outcome(ask()), "429 RATE_LIMITED");
  hook.answer = grant("s2");
  EXPECT_EQ(outcome(send({.fields = {{"Cookie", "a"}}, .body = "{\"subs\":7}"})),
            "400 BAD_REQUEST");
  auto big = grant("s3");
  big.claims = std::string(5000, 'x');
  hook.answer = big;
  EXPECT_EQ(outcome(ask()), "413 TOO_LARGE");
  hook.answer = grant("s4");
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::session, "s4", 1h, wall_clock.now()));
  EXPECT_EQ(outcome(ask()), "401 SESSION_REVOKED");
  EXPECT_EQ(hook.asked, 5u);
}

TEST_F(HookedTicketTest, WhatHappensWhileTheBackendIsAskedCounts) {
  hook.late = true;
  start({.fields = {{"Cookie", "a"}}});
  EXPECT_FALSE(reply_);
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::user, "ada", 1h, wall_clock.now()));
  hook.waiting[0](grant());
  ASSERT_TRUE(reply_);
  EXPECT_EQ(outcome(*reply_), "401 SESSION_REVOKED");
  advance(2s);
  start({.fields = {{"Cookie", "a"}}});
  hook.waiting[1](grant());
  EXPECT_EQ(outcome(*reply_), "200 ") << "the user has logged in again";
  start({.fields = {{"Cookie", "a"}}});
  node.draining = true;
  hook.waiting[2](grant());
  EXPECT_EQ(outcome(*reply_), "503 DRAINING");
}

}  // namespace
}  // namespace usher::gateway
