#include "session/subscription_token_check.h"

#include <deque>

#include "limits/address_key.h"
#include "session/session_fixture.h"

namespace usher::session {
namespace {

using Refusal = SubscriptionTokens::Refusal;

// A check that knows some tokens, and answers others when the test says so.
class FakeSubscriptionTokens final : public SubscriptionTokens {
 public:
  void check(std::string_view token, std::string_view address_key, Done done) override {
    addresses.emplace_back(address_key);
    if (token == "late") return waiting.push_back(std::move(done));
    if (token == "old") return done(Refusal::expired);
    if (token == "busy") return done(Refusal::too_many_requests);
    if (token == "new") return done(Refusal::key_unknown);
    if (token == "good") return done(good);
    done(Refusal::invalid);
  }

  auth::SubscriptionToken good{.channel = "shown:1"};
  std::vector<std::string> addresses;
  std::deque<Done> waiting;
};

class SubscriptionTokenCheckTest : public SessionTest {
 protected:
  void SetUp() override {
    hub::ChannelRulesOptions with_tokens = rules_options();
    with_tokens.namespaces.push_back({.name = "shown", .subscribe = hub::Audience::token});
    rules = hub::ChannelRules(std::move(with_tokens));
    dependencies.subscription_tokens = &tokens;
    peer = connected();
    peer->outlet.sent.clear();
  }
  std::string subscribe(const std::string& token, const std::string& channel = "shown:1") {
    peer->outlet.sent.clear();
    say(*peer,
        R"({"id":1,"subscribe":{"channel":")" + channel + R"(","token":")" + token + R"("}})");
    return peer->outlet.sent.empty() ? "" : peer->last();
  }
  std::string refresh(const std::string& token, const std::string& channel = "shown:1") {
    peer->outlet.sent.clear();
    say(*peer,
        R"({"id":2,"sub_refresh":{"channel":")" + channel + R"(","token":")" + token + R"("}})");
    return peer->outlet.sent.empty() ? "" : peer->last();
  }
  static std::string error(int id, int code, const char* message, bool temporary = false) {
    return R"({"id":)" + std::to_string(id) + R"(,"error":{"code":)" + std::to_string(code) +
           R"(,"message":")" + message + '"' + (temporary ? R"(,"temporary":true}})" : "}}");
  }
  std::int64_t in(std::int64_t seconds) { return unix_seconds(wall_clock.now()) + seconds; }

  FakeSubscriptionTokens tokens;
  std::unique_ptr<Peer> peer;
};

TEST_F(SubscriptionTokenCheckTest, EachFaultHasItsError) {
  EXPECT_EQ(subscribe("forged"), error(1, 103, "permission denied"));
  EXPECT_EQ(subscribe("old"), error(1, 109, "token expired"));
  EXPECT_EQ(subscribe("busy"), error(1, 111, "too many requests", true));
  EXPECT_EQ(subscribe("new"), error(1, 100, "internal server error", true));
  EXPECT_EQ(subscribe(""), error(1, 103, "permission denied"));
  EXPECT_EQ(subscribe("good", "shown:2"), error(1, 103, "permission denied"));
  tokens.good.user = "ada";
  EXPECT_EQ(subscribe("good"), error(1, 103, "permission denied"));
  tokens.good.user = "";
  tokens.good.client = "0123456789abcdef";
  EXPECT_EQ(subscribe("good"), error(1, 103, "permission denied"));
  tokens.good.client = "";
  tokens.good.expire_at = in(0);
  EXPECT_EQ(subscribe("good"), error(1, 110, "expired"));
  EXPECT_EQ(tokens.addresses.back(), limits::address_key(std::string_view("192.0.2.7")));
  EXPECT_EQ(hub.subscriptions(), 0u);
}

TEST_F(SubscriptionTokenCheckTest, AGoodOneOpensAndTellsItsEnd) {
  tokens.good.expire_at = in(60);
  tokens.good.data = "[1]";
  EXPECT_EQ(subscribe("good"), R"({"id":1,"subscribe":{"expires":true,"ttl":60,"data":[1]}})");
}

TEST_F(SubscriptionTokenCheckTest, WithoutKeysNoTokenIsGood) {
  dependencies.subscription_tokens = nullptr;
  EXPECT_EQ(subscribe("good"), error(1, 103, "permission denied"));
}

TEST_F(SubscriptionTokenCheckTest, ARefreshMovesTheEnd) {
  EXPECT_EQ(refresh("good"), error(2, 103, "permission denied")) << "not subscribed";
  tokens.good.expire_at = in(60);
  subscribe("good");
  EXPECT_EQ(refresh(""), error(2, 107, "bad request"));
  EXPECT_EQ(refresh("old"), error(2, 109, "token expired"));
  EXPECT_EQ(refresh("forged"), error(2, 103, "permission denied"));
  tokens.good.expire_at = in(90);
  EXPECT_EQ(refresh("good"), R"({"id":2,"sub_refresh":{"expires":true,"ttl":90}})");
  tokens.good.expire_at.reset();
  EXPECT_EQ(refresh("good"), R"({"id":2,"sub_refresh":{}})");
  say(*peer, R"({"id":3,"subscribe":{"channel":"open:1"}})");
  EXPECT_EQ(refresh("good", "open:1"), error(2, 108, "not available"));
}

TEST_F(SubscriptionTokenCheckTest, ALateCheckFindsWhatIsThereThen) {
  EXPECT_EQ(subscribe("late"), "");
  say(*peer, R"({"id":2,"unsubscribe":{"channel":"shown:1"}})");
  peer->outlet.sent.clear();
  tokens.waiting[0](tokens.good);
  run_turns();
  EXPECT_TRUE(peer->outlet.sent.empty());
  EXPECT_EQ(hub.subscriptions(), 0u);

  subscribe("good");
  refresh("late");
  say(*peer, R"({"id":2,"unsubscribe":{"channel":"shown:1"}})");
  tokens.waiting[1](tokens.good);
  run_turns();
  EXPECT_EQ(peer->last(), error(2, 103, "permission denied"));

  subscribe("late");
  peer->session->on_closed({1006, ""});
  peer.reset();
  tokens.waiting[2](tokens.good);
  EXPECT_EQ(hub.connections(), 0u);
}

TEST_F(SubscriptionTokenCheckTest, AWishAtConnectShowsItsTokenToo) {
  ticket::Grant wishes = grant();
  wishes.subs = R"({"shown:1":{"token":"good"},"shown:2":{"token":"old"},"shown:3":{}})";
  tokens.good.data = "7";
  const auto second = open(ticket(std::move(wishes)));
  const std::string& text = second->last();
  EXPECT_NE(text.find(R"("shown:1":{"data":7})"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("shown:2":{"error":{"code":109)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("shown:3":{"error":{"code":103)"), std::string::npos) << text;
}

}  // namespace
}  // namespace usher::session
