#include "session/session_text.h"

#include <chrono>

#include <gtest/gtest.h>

namespace usher::session {
namespace {

using namespace std::chrono_literals;

class SessionTextTest : public testing::Test {
 protected:
  SessionTextTest() {
    ticket::Grant grant;
    grant.session = "s1";
    grant.token_exp = 60;
    held.take(std::move(grant), options, WallTime(), now);
  }
  hub::Joined joined() {
    hub::Joined made;
    made.push_back({"open:a", hub::Subscribed{}});
    made.push_back({"closed:a", hub::Error::permission_denied});
    return made;
  }

  SessionOptions options{.reconnect_spread = 500ms, .version = "usher test", .node = "n1"};
  TimePoint now{1h};
  HeldCredential held;
};

TEST_F(SessionTextTest, TheConnectPushNamesSubscriptionsThatFailed) {
  EXPECT_EQ(
      connect_text(options, held, {.client = "c1"}, joined(), now),
      R"({"push":{"connect":{"client":"c1","session":"s1","version":"usher test","ping":25,)"
      R"("pong":true,"expires":true,"ttl":60,"node":"n1","reconnect_spread_ms":500,)"
      R"("subs":{"open:a":{},"closed:a":{"error":{"code":103,"message":"permission denied"}}}}}})");
}

TEST_F(SessionTextTest, TheConnectReplyLeavesThemOut) {
  const std::string text = connect_text(
      options, held, {.endpoint = edge::Endpoint::sdk, .command_id = 7, .client = "c1"}, joined(),
      now);
  EXPECT_TRUE(text.starts_with(R"({"id":7,"connect":{"client":"c1")")) << text;
  EXPECT_NE(text.find(R"("subs":{"open:a":{}})"), std::string::npos) << text;
}

TEST_F(SessionTextTest, NothingIsSaidOfWebSocketPingsAndOfNoEnd) {
  held.set_end(std::nullopt, WallTime(), now);
  const std::string text =
      connect_text(options, held, {.client = "c1", .protocol_pings = false}, {}, now);
  for (const char* part : {"ping", "pong", "expires", "ttl"}) {
    EXPECT_EQ(text.find(part), std::string::npos) << part << " in " << text;
  }
}

TEST_F(SessionTextTest, APingIntervalIsAtLeastASecond) {
  options.ping_interval = 1ms;
  EXPECT_NE(connect_text(options, held, {}, {}, now).find(R"("ping":1,)"), std::string::npos);
}

TEST_F(SessionTextTest, RefreshesTellTheNewEnd) {
  EXPECT_EQ(refresh_reply(options, held, 7, "c1", now + 10s),
            R"({"id":7,"refresh":{"client":"c1","version":"usher test","expires":true,"ttl":50}})");
  EXPECT_EQ(refresh_push(held, now), R"({"push":{"refresh":{"expires":true,"ttl":60}}})");
  held.set_end(std::nullopt, WallTime(), now);
  EXPECT_EQ(refresh_push(held, now), R"({"push":{"refresh":{}}})");
}

}  // namespace
}  // namespace usher::session
