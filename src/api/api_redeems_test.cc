#include "api/api_redeems.h"

#include "hub/client_id.h"
#include "support/gateway_fixture.h"

namespace usher::api {
namespace {

using namespace std::chrono_literals;

class ApiRedeemsTest : public gateway::GatewayTest {
 protected:
  ApiRedeemsTest() {
    advance(10min);  // the store's memory is not young
    options.told_claims = {"org"};
  }

  std::string ask(const std::string& method, std::string body) {
    return send({.target = "/api/" + method,
                 .fields = {{"X-API-Key", "key-one"}},
                 .body = std::move(body),
                 .listener = edge::ListenerRole::api})
        .body;
  }
  std::string issue(std::optional<std::string> origin = kOrigin) {
    const std::string text = ticket::mint(entropy).text;
    ticket::Grant grant{.session = "s1",
                        .user = "ada",
                        .jti = "j1",
                        .token_exp = unix_now() + 3600,
                        .channels = {"news"},
                        .claims = R"({"org":7,"plan":"pro"})",
                        .origin = std::move(origin)};
    store.put(ticket::hash(text), std::move(grant), 30s, [](auto put) { ASSERT_TRUE(put); });
    return text;
  }
  std::string redeem(const std::string& text,
                     const std::string& origin = "\"https://app.example\"") {
    return ask("redeem", R"({"ticket":")" + text + R"(","origin":)" + origin + "}");
  }
  // The reason of an error 109.
  static std::string reason(const std::string& answer) {
    const std::string_view start = R"({"error":{"code":109,"message":"token expired","reason":")";
    EXPECT_TRUE(answer.starts_with(start)) << answer;
    return answer.substr(start.size(), answer.find('"', start.size()) - start.size());
  }
};

TEST_F(ApiRedeemsTest, AGoodTicketTellsWhoItsBearerIs) {
  const std::string text = issue();
  const std::string answer = redeem(text);
  const std::string start =
      R"({"result":{"session":"s1","user":"ada","guest":false,"channels":["news"],)"
      R"("claims":{"org":7},"expire_at":)" +
      std::to_string(unix_now() + 3600) + R"(,"client":")";
  ASSERT_TRUE(answer.starts_with(start)) << answer;
  const std::string client = answer.substr(start.size(), 16);
  EXPECT_TRUE(hub::ClientId::parse(client)) << answer;
  EXPECT_EQ(answer.substr(start.size() + 16), R"("}})");
  EXPECT_EQ(log.count("[WS] Authenticated via ticket { hasUserId: true, client: '" + client), 1u);
  EXPECT_EQ(log.count(text), 0u);
  EXPECT_EQ(metrics.ticket_redeems[metrics::RedeemResult::ok].value(), 1u);
}

TEST_F(ApiRedeemsTest, EachRefusalHasItsReason) {
  const std::string text = issue();
  EXPECT_EQ(reason(redeem(text, "\"https://evil.example\"")), "origin") << "not spent by it";
  EXPECT_TRUE(redeem(text).starts_with(R"({"result")"));
  EXPECT_EQ(reason(redeem(text)), "consumed");
  EXPECT_EQ(reason(redeem(issue(), "null")), "origin") << "bound to another";
  EXPECT_EQ(reason(redeem(std::string(32, '0'))), "unknown");
  EXPECT_EQ(reason(redeem("no ticket at all")), "unknown");
  const std::string old = issue();
  advance(31s);
  EXPECT_EQ(reason(redeem(old)), "expired");
  ASSERT_TRUE(revocations.revoke(auth::RevokedBy::jti, "j1", 1h, wall_clock.now()));
  EXPECT_EQ(reason(redeem(issue())), "revoked");
  EXPECT_EQ(metrics.ticket_replays.value(), 1u);
  EXPECT_EQ(reject_log.count("WS: Rejected - ticket replayed { ticketHash: '" +
                             ticket::hash(text).for_log() + "', door: 'redeem' }"),
            1u);
  EXPECT_EQ(api_metrics.errors[ApiMethod::redeem].value(), 7u);
}

TEST_F(ApiRedeemsTest, ATicketWithoutAnOriginOpensWithNone) {
  EXPECT_TRUE(redeem(issue(std::nullopt), "null").starts_with(R"({"result")"));
}

TEST_F(ApiRedeemsTest, AStoreThatCannotBeAskedIsAnInternalError) {
  chosen_store.choose(sick_store);
  EXPECT_TRUE(redeem(issue()).starts_with(R"({"error":{"code":100,)"));
  EXPECT_EQ(metrics.ticket_redeems[metrics::RedeemResult::unavailable].value(), 1u);
}

TEST_F(ApiRedeemsTest, InABatchEachTicketIsRedeemedOnce) {
  const std::string command =
      R"({"redeem":{"ticket":")" + issue() + R"(","origin":"https://app.example"}})";
  const std::string answer =
      ask("batch", R"({"parallel":true,"commands":[)" + command + "," + command + "]}");
  EXPECT_NE(answer.find(R"({"redeem":{"session":"s1")"), std::string::npos) << answer;
  EXPECT_NE(answer.find(R"("reason":"consumed")"), std::string::npos) << answer;
}

}  // namespace
}  // namespace usher::api
