#include <gtest/gtest.h>

#include "client/client_session.h"
#include "support/session_driver.h"

namespace usher::client {
namespace {

using namespace std::chrono_literals;
using test::effects_of;
using test::SessionDriver;

TEST(ClientSessionStagesTest, TokenThenTicketThenSocketThenConnected) {
  SessionDriver driver;
  ASSERT_EQ(effects_of<FetchToken>(driver.handle(Connect{})).size(), 1u);
  const auto tickets = effects_of<FetchTicket>(driver.handle(TokenReady{1, "T", false}));
  ASSERT_EQ(tickets.size(), 1u);
  EXPECT_EQ(tickets[0].token, "T");
  const auto sockets = effects_of<OpenSocket>(driver.handle(TicketReady{1, "abc", 30s}));
  ASSERT_EQ(sockets.size(), 1u);
  EXPECT_EQ(sockets[0].url, "wss://gw.example/ws?ticket=abc");
  EXPECT_TRUE(driver.handle(SocketOpen{1}).status.empty());
  driver.frame(1, R"({"push":{"connect":{}}})");
  EXPECT_EQ(driver.session.status(), Status::connected);
}

TEST(ClientSessionStagesTest, EachStageHasTenSecondsOfItsOwn) {
  SessionDriver driver;
  driver.handle(Connect{});
  EXPECT_EQ(driver.session.timer(), Instant(10s));
  driver.advance(4s);
  driver.handle(TokenReady{1, "T", false});
  EXPECT_EQ(driver.session.timer(), Instant(14s));
  driver.advance(4s);
  driver.handle(TicketReady{1, "abc", 30s});
  EXPECT_EQ(driver.session.timer(), Instant(18s));
  driver.handle(SocketOpen{1});
  EXPECT_EQ(driver.session.timer(), Instant(18s));
}

TEST(ClientSessionStagesTest, AnAnswerIsTakenOnceAndOnlyInItsStage) {
  SessionDriver driver;
  driver.handle(Connect{});
  EXPECT_TRUE(driver.handle(TicketReady{1, "abc", 30s}).effects.empty());
  EXPECT_TRUE(driver.handle(TokenReady{2, "T", false}).effects.empty());
  EXPECT_FALSE(driver.handle(TokenReady{1, "T", false}).effects.empty());
  EXPECT_TRUE(driver.handle(TokenReady{1, "T", false}).effects.empty());
}

TEST(ClientSessionStagesTest, ATicketWhoseLifeIsUnknownIsNeverTooOld) {
  SessionDriver driver;
  driver.handle(Connect{});
  driver.handle(TokenReady{1, "T", false});
  driver.advance(1h);
  EXPECT_EQ(effects_of<OpenSocket>(driver.handle(TicketReady{1, "abc", {}})).size(), 1u);
}

TEST(ClientSessionStagesTest, ValuesThatAreNoObjectsStillProveThatTheServerLives) {
  SessionDriver driver;
  driver.walk_to_connected(R"({"ping":5})");
  driver.advance(3s);
  driver.frame(1, "[]");
  EXPECT_EQ(driver.session.timer(), driver.now + 15s);
}

TEST(ClientSessionStagesTest, ARawSessionIsConnectedWhenTheUpgradeLetsItIn) {
  Instant now{};
  for (const char* protocol : {"usher.accepted", "chat.v1", ""}) {
    ClientSession session({.url = "https://gw.example/board", .raw = true}, [] { return 0.5; });
    session.handle(Connect{}, now);
    session.handle(TokenReady{1, "T", false}, now);
    session.handle(TicketReady{1, "abc", 30s}, now);
    session.handle(SocketOpen{2, protocol}, now);
    session.handle(SocketOpen{1, "usher.refused"}, now);
    EXPECT_EQ(session.status(), Status::connecting);
    EXPECT_EQ(session.timer(), now + 10s);
    session.handle(SocketOpen{1, protocol}, now);
    EXPECT_EQ(session.status(), Status::connected) << protocol;
    EXPECT_FALSE(session.timer()) << "there are no pings";
  }
}

TEST(ClientSessionStagesTest, ARawSessionKnowsNoMessages) {
  ClientSession session({.url = "https://gw.example/board", .raw = true}, [] { return 0.5; });
  session.handle(Subscribe{"news:1"}, {});
  session.handle(Connect{}, {});
  const auto tickets = effects_of<FetchTicket>(session.handle(TokenReady{1, "T", false}, {}));
  ASSERT_EQ(tickets.size(), 1u);
  EXPECT_TRUE(tickets[0].subs.empty());
  session.handle(TicketReady{1, "abc", 30s}, {});
  const auto push = boost::json::parse(R"({"push":{"connect":{"ping":25}}})");
  session.handle(Frame{1, push}, {});
  EXPECT_EQ(session.status(), Status::connecting);
  session.handle(SocketOpen{1, ""}, {});
  EXPECT_TRUE(session.handle(Publish{"news:1", 1}, {}).effects.empty());
  EXPECT_TRUE(session.handle(Frame{1, push}, {}).effects.empty());
}

}  // namespace
}  // namespace usher::client
