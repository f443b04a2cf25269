#include "net/connection.h"

#include "net/turns_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

using Lines = std::vector<std::string>;

const std::string kCode1000 = "\x03\xE8";
const std::string kBigText(10'000, 'x');

constexpr std::size_t kOutboxMax = 100'000;

class ConnectionTest : public TurnsFixture {
 protected:
  explicit ConnectionTest(std::size_t lingering_max = 1024)
      : TurnsFixture({.goodbye_timeout = 10s,
                      .linger_timeout = 2s,
                      .lingering_max = lingering_max,
                      .outbox_bytes_max = kOutboxMax}) {}

  // Fills the peer's socket: the kernel takes nothing more.
  void fill() {
    const int bytes = 8 * 1024;
    const int fd = (*table.begin())->fd();
    ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
    while (application.outlet->room_bytes() >= kOutboxMax / 2) {
      application.outlet->send_text(kBigText);
      turn();
    }
  }
  // Fills more than half of the outbox.
  void fill_half() {
    fill();
    while (application.outlet->room_bytes() > 0) application.outlet->send_text(kBigText);
  }
  // Sends more than the outbox takes.
  void overflow() {
    for (std::size_t i = 0; i < 3 * kOutboxMax / kBigText.size(); ++i)
      application.outlet->send_text(kBigText);
  }
  // Returns all bytes that come in further turns, until no more come.
  std::string receive_all(const Fd& peer) {
    std::string all;
    while (true) {
      const std::string more = receive(peer);
      if (more.empty() || more.ends_with(kEnd)) return all + more;
      all += more;
      turn();
    }
  }
};

TEST_F(ConnectionTest, NothingLeavesAnUpgradeThatIsHeldUntilItIsReleased) {
  application.releases = false;
  const Fd peer = connect();
  say(peer, kUpgrade);
  turn();
  application.outlet->send_text("hello");
  turn();
  EXPECT_EQ(receive(peer), "");
  application.outlet->release();
  turn();
  const std::string answer = receive(peer);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 "));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n\x81\x05hello"));
}

TEST_F(ConnectionTest, BytesBehindTheUpgradeWaitForItsRelease) {
  application.releases = false;
  const Fd peer = connect();
  say(peer, kUpgrade + client_text("one") + client_text("two"));
  turn();
  say(peer, client_text("three"));
  turn();
  EXPECT_EQ(application.heard, Lines{});
  application.outlet->release();
  say(peer, client_text("four"));  // is read before the others are handled
  turn();
  EXPECT_EQ(application.heard, (Lines{"text:one", "text:two", "text:three", "text:four"}));
}

TEST_F(ConnectionTest, APeerThatSaysTooMuchWhileItIsHeldIsNotReadFrom) {
  application.releases = false;
  const Fd peer = connect();
  say(peer, kUpgrade);
  turn();
  for (int i = 0; i < 4; ++i) {
    say(peer, client_text(kBigText));
    turn();
  }
  application.outlet->release();
  turn();
  EXPECT_EQ(application.heard.size(), 2u) << "the first 16 KiB, by whole reads";
  turn();
  turn();
  EXPECT_EQ(application.heard.size(), 4u) << "the rest was in the socket";
}

TEST_F(ConnectionTest, AShareOfTheMessagesIsHandledInATurnAndTheRestInLaterTurns) {
  const Fd peer = connect_web_socket();
  std::string frames;
  for (int i = 0; i < 2 * Connection::kMessagesPerTurn; ++i) frames += client_text("x");
  say(peer, frames + client_text("last"));
  context.read_clock();
  context.poller().handle_ready(TurnBudget(clock));
  EXPECT_EQ(application.heard.size(), std::size_t{Connection::kMessagesPerTurn});
  turn();
  EXPECT_EQ(application.heard.size(), std::size_t{2 * Connection::kMessagesPerTurn});
  turn();
  EXPECT_EQ(application.heard.back(), "text:last");
}

TEST_F(ConnectionTest, NoMessageIsHandedToASessionThatWaitsForItsTurn) {
  const Fd peer = connect_web_socket();
  application.on_text = [](edge::Outlet& outlet, std::string_view text) {
    if (text == "pause") outlet.pause();
  };
  say(peer, client_text("pause") + client_text("next"));
  turn();
  turn();
  EXPECT_EQ(application.heard, Lines{"text:pause"});
  application.outlet->wake();
  EXPECT_EQ(application.heard, Lines{"text:pause"}) << "not from within wake()";
  turn();
  EXPECT_EQ(application.heard, (Lines{"text:pause", "turn", "text:next"}));
}

TEST_F(ConnectionTest, AServerCloseWaitsForThePeersCloseFrameAndThenForItsEnd) {
  Fd peer = connect_web_socket();
  application.outlet->close({wire::CloseCode::normal, "BYE"});
  application.outlet->send_text("too late");
  turn();
  EXPECT_EQ(receive(peer), "\x88\x05" + kCode1000 + "BYE");
  say(peer, client_text("ignored") + client_close(kCode1000));
  turn();
  EXPECT_EQ(receive(peer), kEnd) << "our side is finished";
  EXPECT_EQ(application.admitted, 1);
  say(peer, "more");
  turn();
  EXPECT_EQ(application.sockets, 1);
  peer.reset();
  turn();
  EXPECT_EQ(application.sockets, 0);
  EXPECT_EQ(application.admitted, 0);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(count_heard("text"), 0u);
}

TEST_F(ConnectionTest, ACloseFrameThatHadBeenPutByIsFound) {
  const Fd peer = connect_web_socket();
  application.on_text = [](edge::Outlet& outlet, std::string_view) {
    outlet.close({wire::CloseCode::normal, ""});
  };
  say(peer, client_text("x") + client_close(kCode1000));
  turn();
  EXPECT_EQ(receive(peer), "\x88\x02" + kCode1000 + std::string(kEnd));
}

TEST_F(ConnectionTest, APeerThatNeverAnswersACloseIsLeftWhenItsTimeIsOver) {
  const Fd peer = connect_web_socket();
  application.outlet->close({wire::CloseCode::normal, ""});
  turn();
  EXPECT_EQ(receive(peer), "\x88\x02" + kCode1000);
  turn(1900ms);
  EXPECT_EQ(receive(peer), "");
  turn(200ms);
  EXPECT_EQ(receive(peer), kEnd);
  EXPECT_EQ(application.sockets, 1);
  turn(2100ms);
  EXPECT_EQ(application.sockets, 0);
}

TEST_F(ConnectionTest, ACloseThatThePeerDoesNotReadIsGivenUpWhenTheGoodbyeIsOver) {
  const Fd peer = connect_web_socket();
  fill_half();
  application.outlet->close({wire::CloseCode::normal, ""});
  turn(9900ms);
  EXPECT_EQ(application.sockets, 1);
  turn(200ms);
  EXPECT_EQ(application.sockets, 0);
  EXPECT_EQ(application.admitted, 0);
}

TEST_F(ConnectionTest, ThePeersCloseIsAnsweredWithItsOwnCodeAndOurEnd) {
  const Fd peer = connect_web_socket();
  say(peer, client_close(kCode1000 + "bye") + client_text("ignored"));
  turn();
  EXPECT_EQ(application.heard, Lines{"closed:1000"});
  EXPECT_EQ(receive(peer), "\x88\x02" + kCode1000 + std::string(kEnd));
}

TEST_F(ConnectionTest, ABreachOfTheProtocolIsClosedWithItsCode) {
  const Fd peer = connect_web_socket();
  say(peer, client_frame(3, ""));
  turn();
  EXPECT_EQ(application.heard, Lines{"closed:1002"});
  EXPECT_TRUE(receive(peer).starts_with("\x88")) << "a close frame";
}

TEST_F(ConnectionTest, ABinaryMessageIsNamedToTheSessionBeforeItEnds) {
  const Fd peer = connect_web_socket();
  say(peer, client_frame(2, "x"));
  turn();
  EXPECT_EQ(application.heard, (Lines{"binary", "closed:1003"}));
}

TEST_F(ConnectionTest, APingIsAnsweredAndAPongIsHandedOn) {
  const Fd peer = connect_web_socket();
  say(peer, client_frame(9, "abc") + client_frame(10, ""));
  turn();
  EXPECT_EQ(receive(peer),
            "\x8A\x03"
            "abc");
  EXPECT_EQ(application.heard, Lines{"pong"});
}

// The hub is delivering when the outbox is found to be full: the session must not be entered then.
TEST_F(ConnectionTest, AnOverflowIsToldInATurnOfItsOwnAndEndsWithSlowConsumer) {
  const Fd peer = connect_web_socket();
  fill();
  overflow();
  EXPECT_EQ(count_heard("closed"), 0u);
  turn();
  EXPECT_EQ(application.heard, Lines{"closed:3008"});
  const std::string all = receive_all(peer);
  EXPECT_TRUE(all.ends_with("\x88\x0F\x0B\xC0SLOW_CONSUMER")) << all.substr(all.size() - 20);
}

TEST_F(ConnectionTest, ASocketThatBreaksDuringADeliveryIsToldInATurnOfItsOwn) {
  Fd peer = connect_web_socket();
  peer.reset();
  overflow();
  EXPECT_EQ((*table.begin())->phase(), Phase::failed);
  EXPECT_EQ(application.heard, Lines{});
  turn();
  EXPECT_EQ(application.heard, Lines{"closed:1006"});
  EXPECT_EQ(application.sockets, 0);
  EXPECT_EQ(application.admitted, 0);
}

TEST_F(ConnectionTest, APeerThatDoesNotReadIsNotServedUntilItHasRead) {
  const Fd peer = connect_web_socket();
  fill_half();
  EXPECT_FALSE(application.outlet->has_room());
  say(peer, client_text("question"));
  turn();
  turn();
  EXPECT_EQ(application.heard, Lines{});
  EXPECT_GT(receive_all(peer).size(), kOutboxMax / 2);
  turn();
  EXPECT_EQ(application.heard, (Lines{"turn", "text:question"}));
  EXPECT_TRUE(application.outlet->has_room());
}

TEST_F(ConnectionTest, ThePingOfASlowReaderMayBeUnread) {
  const Fd peer = connect_web_socket();
  EXPECT_FALSE(application.outlet->may_be_unread(clock.now() + 1ms));
  fill_half();
  for (int i = 0; i < 3; ++i) application.outlet->send_text(kBigText);
  application.outlet->may_be_unread(clock.now() + 1ms);
  EXPECT_FALSE(application.outlet->may_be_unread(clock.now() + 1ms)) << "it has read nothing since";
  receive(peer);
  turn();
  EXPECT_EQ(application.outlet->room_bytes(), 0u) << "it has not read all";
  EXPECT_TRUE(application.outlet->may_be_unread(clock.now() + 1ms));
  EXPECT_FALSE(application.outlet->may_be_unread(clock.now() + 1ms));
  context.note_held_up();
  EXPECT_TRUE(application.outlet->may_be_unread(clock.now()));
}

TEST_F(ConnectionTest, WhileAShardIsBehindNothingIsReadFromClients) {
  const Fd peer = connect_web_socket();
  congestion.add_shard_behind();
  say(peer, client_text("x"));
  turn();
  EXPECT_EQ(application.heard, Lines{});
  congestion.remove_shard_behind();
  turn();
  EXPECT_EQ(application.heard, Lines{"text:x"});
}

TEST_F(ConnectionTest, TheSessionsDeadlineIsItsOwn) {
  const Fd peer = connect_web_socket();
  application.outlet->set_deadline(clock.now() + 5s);
  turn(4900ms);
  EXPECT_EQ(application.heard, Lines{});
  turn(200ms);
  EXPECT_EQ(application.heard, Lines{"deadline"});
  application.outlet->set_deadline(clock.now() + 5s);
  application.outlet->set_deadline(std::nullopt);
  turn(10s);
  EXPECT_EQ(application.heard, Lines{"deadline"});
}

TEST_F(ConnectionTest, APeerThatLeavesEndsItsSessionWith1006) {
  Fd peer = connect_web_socket();
  peer.reset();
  turn();
  EXPECT_EQ(application.heard, Lines{"closed:1006"});
  EXPECT_EQ(application.sockets, 0);
  EXPECT_EQ(application.admitted, 0);
}

TEST_F(ConnectionTest, AGoodbyeIsForSessionsThatHaveNotEnded) {
  const Fd peer = connect_web_socket();
  AcceptedSocket& connection = **table.begin();
  EXPECT_TRUE(connection.awaits_goodbye());
  connection.say_goodbye(1s);
  EXPECT_EQ(application.heard, Lines{"shutdown"});
  EXPECT_FALSE(connection.awaits_goodbye());
  EXPECT_TRUE(connection.is_admitted()) << "until its socket is closed";
}

TEST_F(ConnectionTest, ABrokenInvariantEndsOneConnectionWith1011) {
  const Fd good = connect_web_socket();
  const Fd bad = connect_web_socket();
  application.on_text = [](edge::Outlet& outlet, std::string_view text) {
    USHER_INVARIANT(text != "broken");
    outlet.send_text(text);
  };
  application.outlet->send_text("dropped");
  say(bad, client_text("broken") + client_text("ignored"));
  say(good, client_text("x"));
  turn();
  EXPECT_EQ(receive(bad), "\x88\x10\x03\xF3INTERNAL_ERROR" + std::string(kEnd));
  EXPECT_EQ(receive(good), "\x81\x01x");
  EXPECT_EQ(count_heard("closed:1011"), 1u);
  EXPECT_EQ(application.errors.size(), 1u);
}

class NoLingeringTest : public ConnectionTest {
 protected:
  NoLingeringTest() : ConnectionTest(1) {}
};

TEST_F(NoLingeringTest, AConnectionClosesAtOnceWhenAllPlacesToLingerAreTaken) {
  const Fd first = connect_web_socket();
  const Fd second = connect_web_socket();
  say(first, client_close(kCode1000));
  turn();
  EXPECT_EQ(application.sockets, 2) << "it lingers";
  say(second, client_close(kCode1000));
  turn();
  EXPECT_EQ(application.sockets, 1);
  EXPECT_EQ(receive(second), "\x88\x02" + kCode1000 + std::string(kEnd)) << "yet it was answered";
  turn(3s);
  EXPECT_EQ(application.sockets, 0);
  const Fd third = connect_web_socket();
  say(third, client_close(kCode1000));
  turn();
  EXPECT_EQ(application.sockets, 1) << "the place is free again";
}

}  // namespace
}  // namespace usher::net
