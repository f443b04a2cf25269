#include "session/server_session.h"

#include "session/session_fixture.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;
using Close = RecordingOutlet::Close;

class ServerSessionTest : public SessionTest {};

TEST_F(ServerSessionTest, PingsGoOutAndAnUnansweredOneEndsIt) {
  const auto peer = connected();
  pass(*peer, 24s);
  EXPECT_EQ(peer->outlet.sent.size(), 1u);
  pass(*peer, 1s);
  EXPECT_EQ(peer->last(), "{}");
  say(*peer, "{}");
  pass(*peer, 25s);
  ASSERT_EQ(peer->outlet.sent.size(), 3u);
  pass(*peer, 10s);
  EXPECT_EQ(peer->outlet.closed, (Close{3012, "NO_PONG"}));
  EXPECT_TRUE(
      log.lines.back().starts_with("websocket_disconnected { code: 3012, reason: 'NO_PONG', "));
}

TEST_F(ServerSessionTest, ABareClientGetsWebSocketPingsAndNoPingInItsConnectPush) {
  const auto peer = open(ticket(grant()), {}, false);
  EXPECT_EQ(peer->last().find("\"ping\""), std::string::npos);
  pass(*peer, 25s);
  EXPECT_EQ(peer->outlet.pings, 1);
  peer->session->on_pong(clock.now());
  pass(*peer, 25s);
  EXPECT_EQ(peer->outlet.pings, 2);
  EXPECT_EQ(peer->outlet.sent.size(), 1u);
  pass(*peer, 10s);
  EXPECT_EQ(peer->outlet.closed, (Close{3012, "NO_PONG"}));
}

TEST_F(ServerSessionTest, TheEndOfTheTokenEndsTheConnectionAfterAShortGrace) {
  options.ping_interval = 1h;
  ticket::Grant short_lived = grant();
  short_lived.token_exp = unix_seconds(wall_clock.now()) + 10;
  const auto peer = open(ticket(short_lived));
  EXPECT_NE(peer->last().find("\"ttl\":10"), std::string::npos);
  pass(*peer, 14s);
  EXPECT_FALSE(peer->outlet.closed);
  pass(*peer, 1s);
  EXPECT_EQ(peer->outlet.closed, (Close{3005, "TOKEN_EXPIRED"}));
}

TEST_F(ServerSessionTest, ShutdownSaysWhenToComeBackAndCloses) {
  const auto peer = connected();
  peer->session->on_shutdown(1500ms);
  EXPECT_NE(peer->last().find("\"disconnect\""), std::string::npos);
  EXPECT_NE(peer->last().find("\"retry_after_ms\":1500"), std::string::npos);
  EXPECT_EQ(peer->outlet.closed, (Close{1001, "SERVER_SHUTDOWN"}));
  EXPECT_EQ(hub.connections(), 0u);
}

TEST_F(ServerSessionTest, ABinaryMessageIsUnsupported) {
  const auto peer = connected();
  peer->session->on_binary("x", clock.now());
  EXPECT_EQ(peer->outlet.closed, (Close{1003, "UNSUPPORTED_DATA"}));
}

// SDKs come back after 1003.
TEST_F(ServerSessionTest, ABinaryMessageOnTheSdkDoorIsABadRequestAtAnyTime) {
  const auto early = open_sdk();
  early->session->on_binary("x", clock.now());
  EXPECT_EQ(early->outlet.closed, (Close{3501, "BAD_REQUEST"}));
  const auto late = open_sdk();
  say(*late, R"({"id":1,"connect":{"token":")" + ticket(grant()) + R"("}})");
  late->session->on_binary("x", clock.now());
  EXPECT_EQ(late->outlet.closed, (Close{3501, "BAD_REQUEST"}));
}

TEST_F(ServerSessionTest, WhoLeavesIsForgottenAndLogged) {
  const auto peer = connected();
  EXPECT_EQ(hub.connections(), 1u);
  peer->session->on_closed({1006, ""});
  EXPECT_EQ(hub.connections(), 0u);
  EXPECT_TRUE(log.lines.back().starts_with("websocket_disconnected { code: 1006, reason: '', "));
}

}  // namespace
}  // namespace usher::session
