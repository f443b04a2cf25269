#include "net/http_connection.h"

#include "net/turns_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

constexpr std::size_t kRoom = 64 * 1024;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::string post(const std::string& path, std::size_t length, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + fields +
         "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

// Returns the end of a head, and a body.
std::string body(const std::string& text) { return "\r\n\r\n" + text; }

class HttpConnectionTest : public TurnsFixture {
 protected:
  explicit HttpConnectionTest(std::uint64_t half_open_max = 0,
                              std::vector<std::string> trusted = {})
      : TurnsFixture({.head_timeout = 10s, .body_timeout = 20s, .keep_alive_timeout = 75s},
                     half_open_max, std::move(trusted)) {}

  std::string ask(const Fd& peer, const std::string& request) {
    say(peer, request);
    turn();
    return receive(peer);
  }
};

TEST_F(HttpConnectionTest, ASilentPeerIsLeftWithoutAWordEvenAfterEmptyLines) {
  for (const char* said : {"", "\r\n", "\r\n\r"}) {
    const Fd peer = connect();
    EXPECT_EQ(ask(peer, said), "");
    turn(9900ms);
    EXPECT_EQ(receive(peer), "");
    turn(200ms);
    EXPECT_EQ(receive(peer), kEnd);
  }
}

TEST_F(HttpConnectionTest, AnUnfinishedHeadIsToldThatItCameTooLate) {
  const Fd peer = connect();
  EXPECT_EQ(ask(peer, "\r\nGET / HT"), "");
  turn(10100ms);
  EXPECT_TRUE(receive(peer).starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpConnectionTest, ABodyHasATimeOfItsOwn) {
  const Fd peer = connect();
  turn(9s);
  EXPECT_EQ(ask(peer, post("/", 2) + "x"), "");
  turn(19900ms);
  EXPECT_EQ(receive(peer), "");
  turn(200ms);
  EXPECT_TRUE(receive(peer).starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpConnectionTest, AKeptConnectionThatAsksNothingIsLeftWithoutAWord) {
  const Fd peer = connect();
  EXPECT_TRUE(ask(peer, kGet).starts_with("HTTP/1.1 200 "));
  turn(74900ms);
  EXPECT_EQ(receive(peer), "");
  turn(200ms);
  EXPECT_EQ(receive(peer), kEnd);
}

TEST_F(HttpConnectionTest, RequestsThatComeTogetherAreAnsweredInOrderOneForEachTurn) {
  const Fd peer = connect();
  EXPECT_TRUE(ask(peer, post("/", 1) + "a" + post("/", 2) + "bb" + kGet).ends_with(body("1")));
  turn();
  EXPECT_TRUE(receive(peer).ends_with(body("2")));
  turn();
  EXPECT_TRUE(receive(peer).ends_with(body("0")));
  turn();
  EXPECT_EQ(receive(peer), "");
}

TEST_F(HttpConnectionTest, ARequestMayComeByteByByte) {
  const Fd peer = connect();
  const std::string request = post("/", 3) + "abc";
  for (std::size_t i = 0; i + 1 < request.size(); ++i) ASSERT_EQ(ask(peer, {request[i]}), "");
  EXPECT_TRUE(ask(peer, "c").ends_with(body("3")));
}

TEST_F(HttpConnectionTest, WhileAnAnswerIsAwaitedThePeerIsNotReadFrom) {
  const Fd peer = connect();
  EXPECT_EQ(ask(peer, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"), "");
  EXPECT_EQ(ask(peer, kGet), "");
  turn(1h);
  EXPECT_EQ(application.requests, Lines{"GET /later"}) << "and no deadline passes";
  application.later({.body = "at last"});
  turn();
  EXPECT_TRUE(receive(peer).ends_with(body("at last")));
  turn();
  EXPECT_TRUE(receive(peer).ends_with(body("0")));
}

TEST_F(HttpConnectionTest, AnAnswerForAPeerThatHasLeftGoesNowhere) {
  Fd peer = connect();
  ask(peer, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.reset();
  turn();
  EXPECT_EQ(application.sockets, 0);
  application.later({.body = "too late"});
  turn();
  EXPECT_EQ(application.errors, Lines{});
}

TEST_F(HttpConnectionTest, AnAnswerToHeadHasNoBody) {
  const Fd peer = connect();
  const std::string answer = ask(peer, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(answer.find("Content-Length: 1\r\n") != std::string::npos &&
              answer.ends_with("\r\n\r\n"))
      << answer;
}

TEST_F(HttpConnectionTest, AConnectionThatIsNotKeptEndsBehindItsAnswer) {
  const Fd peer = connect();
  EXPECT_TRUE(ask(peer, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + kGet)
                  .ends_with(body("0") + std::string(kEnd)));
  turn();
  EXPECT_EQ(application.requests.size(), 1u);
  EXPECT_EQ(application.sockets, 1) << "until the peer has ended, or its time is over";
  turn(2100ms);
  EXPECT_EQ(application.sockets, 0);
}

TEST_F(HttpConnectionTest, WhileTheShardDrainsEachAnswerIsTheLast) {
  const Fd peer = connect();
  context.begin_draining();
  const std::string answer = ask(peer, kGet);
  EXPECT_TRUE(answer.find("Connection: close") != std::string::npos && answer.ends_with(kEnd));
}

TEST_F(HttpConnectionTest, AnExpectedContinueIsSentBeforeTheBody) {
  const Fd peer = connect();
  EXPECT_EQ(ask(peer, post("/", 1, "Expect: 100-continue\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(ask(peer, "x").ends_with(body("1")));
}

TEST_F(HttpConnectionTest, BytesThatAreNoRequestAreRefusedAndEndTheConnection) {
  const Fd peer = connect();
  const std::string answer = ask(peer, "nonsense\r\n\r\n" + kGet);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with(kEnd)) << answer;
  EXPECT_EQ(application.requests, Lines{});
}

TEST_F(HttpConnectionTest, ABodyThatIsNotWantedIsAnsweredAtOnce) {
  const Fd peer = connect();
  EXPECT_TRUE(ask(peer, post("/no", 1 << 20) + "x").starts_with("HTTP/1.1 401 "));
  EXPECT_EQ(room.bytes(Caller::client), 0u);
}

TEST_F(HttpConnectionTest, ABrokenInvariantOfARequestEndsItsConnectionAlone) {
  const Fd good = connect();
  const Fd bad = connect();
  EXPECT_EQ(ask(bad, "GET /broken HTTP/1.1\r\nHost: x\r\n\r\n"), kEnd);
  EXPECT_EQ(application.errors.size(), 1u);
  EXPECT_TRUE(ask(good, kGet).starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpConnectionTest, TheMemoryOfAnUnfinishedBodyIsBoundedAndGivenBack) {
  const Fd small = connect();
  EXPECT_EQ(ask(small, post("/", 1000) + std::string(999, 'x')), "");
  EXPECT_GT(room.bytes(Caller::client), 999u);
  EXPECT_TRUE(ask(small, "x").ends_with(body("1000")));
  EXPECT_EQ(room.bytes(Caller::client), 0u);
  const Fd large = connect();
  say(large, post("/", 1 << 20) + std::string(2 * kRoom + 1000, 'x'));
  for (int reads = 0; reads < 4; ++reads) turn();
  EXPECT_TRUE(receive(large).starts_with("HTTP/1.1 503 "));
  turn(3s);
  EXPECT_EQ(room.bytes(Caller::client), 0u);
}

// ---- upgrades ----

TEST_F(HttpConnectionTest, AnUpgradeIsRefusedByItsFault) {
  const auto status_of = [&](std::string_view part, std::string_view other) {
    std::string request = kUpgrade;
    request.replace(request.find(part), part.size(), other);
    const Fd peer = connect();
    return ask(peer, request).substr(9, 3);
  };
  EXPECT_EQ(status_of("Version: 13", "Version: 12"), "426");
  EXPECT_EQ(status_of("dGhlIHNhbXBsZSBub25jZQ==", "short"), "400");
  EXPECT_EQ(status_of("\r\n\r\n", "\r\nSec-WebSocket-Protocol: usher.ticket.abc\r\n\r\n"), "400");
  EXPECT_EQ(status_of("Upgrade: websocket\r\n", ""), "200") << "an ordinary request";
  EXPECT_EQ(application.admitted, 0);
}

TEST_F(HttpConnectionTest, AnUpgradeThatIsNotAdmittedIsAnswered) {
  application.admits = false;
  const Fd peer = connect();
  EXPECT_TRUE(ask(peer, kUpgrade).starts_with("HTTP/1.1 503 "));
  application.admits = true;
  EXPECT_TRUE(ask(peer, kUpgrade).starts_with("HTTP/1.1 101 ")) << "on the same connection";
  EXPECT_EQ(application.admitted, 1);
}

TEST_F(HttpConnectionTest, AnUpgradeMayFollowARequest) {
  const Fd peer = connect();
  EXPECT_TRUE(ask(peer, kGet + kUpgrade + client_text("hello")).ends_with(body("0")));
  turn();
  EXPECT_TRUE(receive(peer).starts_with("HTTP/1.1 101 "));
  turn();
  EXPECT_EQ(application.heard, Lines{"text:hello"});
}

// ---- addresses ----

class HalfOpenTest : public HttpConnectionTest {
 protected:
  HalfOpenTest() : HttpConnectionTest(1) {}
};

TEST_F(HalfOpenTest, AnAddressMayHoldSoManyConnectionsInTheHttpPhase) {
  const Fd first = connect(AF_INET);
  const Fd second = connect(AF_INET);
  EXPECT_EQ(receive(second), kEnd);
  EXPECT_TRUE(ask(first, kGet).starts_with("HTTP/1.1 200 "));
  const Fd third = connect(AF_INET);
  EXPECT_EQ(receive(third), kEnd) << "a connection counts until it ends or is upgraded";
}

TEST_F(HalfOpenTest, PeersOnAUnixSocketAreNotCounted) {
  const Fd first = connect();
  const Fd second = connect();
  EXPECT_TRUE(ask(second, kGet).starts_with("HTTP/1.1 200 "));
}

class BehindProxyTest : public HttpConnectionTest {
 protected:
  BehindProxyTest() : HttpConnectionTest(0, {"0.0.0.0"}) {}
};

TEST_F(BehindProxyTest, TheClientIsTheOneThatTheTrustedProxyNames) {
  const Fd peer = connect(AF_INET);
  ask(peer,
      "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n"
      "\r\n");
  ask(peer, kGet);
  EXPECT_EQ(application.addresses, (Lines{"10.0.0.2", "0.0.0.0"}));
}

// ---- tunnels ----

// Notes the opening, and refuses.
struct NotedOpening {
  bool secure = false;
  bool proxy_is_trusted = false;
  std::string ticket;
};
class RefusingTunnelSession final : public edge::TunnelSession {
 public:
  explicit RefusingTunnelSession(edge::TunnelOutlet& outlet) {
    outlet.refuse("HTTP/1.1 101 Switching Protocols\r\n\r\n",
                  {wire::CloseCode::going_away, "SHUTDOWN"});
  }
  void on_answer(const wire::HttpAnswer&, TimePoint) override {}
  void on_unreachable(const edge::Unreachable&, TimePoint) override {}
  void on_deadline(TimePoint) override {}
  void on_turn(TimePoint) override {}
  void on_shutdown(Duration) override {}
  void on_closed(const edge::Ending&) override {}
  void on_passed(edge::Direction, std::size_t) override {}
  void on_idle(TimePoint) override {}
};

class TunnelUpgradeTest : public BehindProxyTest {
 protected:
  TunnelUpgradeTest() {
    application.make_tunnel = [this](edge::TunnelOutlet& outlet,
                                     const edge::TunnelOpening& opening) {
      noted = {opening.secure, opening.proxy_is_trusted, std::string(opening.opening.ticket)};
      return std::make_unique<RefusingTunnelSession>(outlet);
    };
  }

  // Returns the status of the answer, on a connection of its own.
  std::string upgrade(const std::string& fields, sa_family_t family = AF_UNIX) {
    const Fd peer = connect(family);
    return ask(peer, "GET /tunnel HTTP/1.1\r\n" + fields + kUpgrade.substr(kUpgrade.find("Host")))
        .substr(9, 3);
  }

  NotedOpening noted;
};

TEST_F(TunnelUpgradeTest, ATicketAsTheOnlySubprotocolIsRefused) {
  EXPECT_EQ(upgrade("Sec-WebSocket-Protocol: usher.ticket.abc\r\n"), "400");
  EXPECT_EQ(application.admitted, 0);
  EXPECT_EQ(upgrade("Sec-WebSocket-Protocol: usher.ticket.abc, theirs\r\n"), "101");
  EXPECT_EQ(noted.ticket, "abc");
}

TEST_F(TunnelUpgradeTest, OnlyATrustedProxySaysThatTheClientCameOverTls) {
  EXPECT_EQ(upgrade("X-Forwarded-Proto: https\r\n"), "101");
  EXPECT_FALSE(noted.secure);
  EXPECT_FALSE(noted.proxy_is_trusted);
  for (const auto& [said, is_secure] :
       {std::pair("https", true), {"HTTPS", true}, {"wss", true}, {"http", false}, {"", false}}) {
    EXPECT_EQ(upgrade("X-Forwarded-Proto: " + std::string(said) + "\r\n", AF_INET), "101");
    EXPECT_EQ(noted.secure, is_secure) << said;
    EXPECT_TRUE(noted.proxy_is_trusted);
  }
  EXPECT_EQ(upgrade("", AF_INET), "101");
  EXPECT_FALSE(noted.secure);
}

TEST_F(TunnelUpgradeTest, APlainRequestToATunnelsPathIsARequest) {
  const Fd peer = connect();
  EXPECT_TRUE(ask(peer, "GET /tunnel HTTP/1.1\r\nHost: x\r\n\r\n").ends_with(body("0")));
}

TEST_F(TunnelUpgradeTest, ATunnelThatIsNotAdmittedIsAnsweredOnTheSameConnection) {
  application.admits = false;
  EXPECT_EQ(upgrade(""), "503");
  EXPECT_EQ(application.admitted, 0);
}

TEST_F(TunnelUpgradeTest, BytesBehindAPipelinedUpgradeComeToTheTunnel) {
  const Fd peer = connect();
  const std::string upgrade =
      "GET /tunnel HTTP/1.1\r\n" + kUpgrade.substr(kUpgrade.find("Host")) + client_close("");
  EXPECT_TRUE(ask(peer, kGet + upgrade).ends_with(body("0")));
  turn();
  turn();
  const std::string answer = receive(peer);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
  EXPECT_TRUE(answer.ends_with(kEnd)) << "its close frame has been found";
}

}  // namespace
}  // namespace usher::net
