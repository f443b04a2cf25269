#include <gtest/gtest.h>

#include "session/session_fixture.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;

class LogLinesTest : public SessionTest {
 protected:
  ticket::Grant adas() {
    ticket::Grant one = grant();
    one.user = "ada";
    return one;
  }
  static std::string client_of(const std::string& line) {
    const auto at = line.find("client: '");
    return at == std::string::npos ? "" : line.substr(at + 9, 16);
  }
};

TEST_F(LogLinesTest, EveryLineOfAConnectionHasItsClientAndTheEndSaysHowLongItLived) {
  const auto peer = open(ticket(adas()), kOrigin);
  advance(1500ms);
  say(*peer, R"({"id":1,"subscribe":{"channel":"closed:1"}})");
  advance(500ms);
  peer->session->on_closed({1000, ""});
  ASSERT_EQ(log.lines.size(), 4u);
  const std::string client = client_of(log.lines[0]);
  const std::string who = "client: '" + client + "', session: '" +
                          identity_for_log(Identities::hash, "s1") + "', user: '" +
                          identity_for_log(Identities::hash, "ada") + "'";
  EXPECT_NE(peer->outlet.sent.front().find(client), std::string::npos) << "as the client knows it";
  EXPECT_EQ(log.lines[0], "[WS] Authenticated via ticket { hasUserId: true, " + who + " }");
  EXPECT_EQ(log.lines[1],
            "websocket_connected { originHost: 'app.example', " + who + ", transport: 'ws' }");
  EXPECT_EQ(log.lines[2],
            "subscription refused { channel: 'closed:1', code: 103, reason: 'permission denied', " +
                who + " }");
  EXPECT_EQ(log.lines[3], "websocket_disconnected { code: 1000, reason: '', " + who +
                              ", transport: 'ws', lastedMs: 2000 }");
}

TEST_F(LogLinesTest, PlainAndOffAreAsConfigured) {
  options.identities = Identities::plain;
  open(ticket(adas()), kOrigin)->session->on_closed({1000, ""});
  EXPECT_EQ(log.count("session: 's1', user: 'ada'"), 3u);
  log.lines.clear();
  options.identities = Identities::off;
  open(ticket(adas()), kOrigin)->session->on_closed({1000, ""});
  EXPECT_EQ(log.count("session:"), 0u);
  EXPECT_EQ(log.count("user:"), 0u);
  EXPECT_EQ(log.count("client: '"), 3u);
}

TEST_F(LogLinesTest, AWishedSubscriptionThatIsRefusedLeavesALineToo) {
  ticket::Grant one = adas();
  one.subs = R"({"closed:1":{},"open:1":{},"user:eve":{}})";
  const auto peer = open(ticket(std::move(one)), kOrigin);
  EXPECT_EQ(log.count("subscription refused { channel: 'closed:1', code: 103"), 1u);
  EXPECT_EQ(log.count("subscription refused { channel: 'user:" +
                      identity_for_log(Identities::hash, "eve") + "'"),
            1u);
  EXPECT_EQ(log.count("subscription refused"), 2u);
  EXPECT_EQ(log.count("eve"), 0u);
}

TEST_F(LogLinesTest, AnSdksConnectionSaysSoAndARevokedOneSaysWhose) {
  const auto sdk = open_sdk();
  say(*sdk, R"({"id":1,"connect":{"token":")" + ticket(adas()) + R"("}})");
  EXPECT_EQ(log.count("transport: 'connection_websocket'"), 1u);
  const std::string revoked = ticket(adas());
  revocations.revoke(auth::RevokedBy::user, "ada", 60s, wall_clock.now());
  open(revoked);
  EXPECT_NE(log.lines.back().find("user: '" + identity_for_log(Identities::hash, "ada") + "'"),
            std::string::npos)
      << log.lines.back();
}

}  // namespace
}  // namespace usher::session
