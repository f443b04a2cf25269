// The work that a session does in turns of its own: commands beyond the allowance, commands behind
// `connect`, orders of the hub.
#include "session/session_fixture.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;
using Close = RecordingOutlet::Close;

std::string lines(const std::string& line, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += line + "\n";
  return all;
}
std::string ping(int id) { return R"({"id":)" + std::to_string(id) + R"(,"ping":{}})"; }

class TurnsTest : public SessionTest {
 protected:
  // Without the turns that follow.
  void tell(Peer& peer, std::string text) {
    const std::size_t size = text.size();
    text.append(wire::kSpareBytes, '\0');
    peer.session->on_text(std::string_view(text).substr(0, size), clock.now());
  }
  static int count_of(const Peer& peer, std::string_view text) {
    int count = 0;
    for (const std::string& sent : peer.outlet.sent) {
      for (std::size_t at = sent.find(text); at != std::string::npos;
           at = sent.find(text, at + 1)) {
        ++count;
      }
    }
    return count;
  }
};

TEST_F(TurnsTest, OneTurnCarriesOutAShareOfTheCommandsAndTheRestFollowInOrder) {
  const auto peer = connected();
  std::string all;
  for (int i = 1; i <= 150; ++i) all += ping(i) + "\n";
  tell(*peer, all);
  EXPECT_TRUE(peer->outlet.awake);
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 64);
  EXPECT_TRUE(run_turn(*peer));
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 128);
  EXPECT_TRUE(run_turn(*peer));
  EXPECT_FALSE(run_turn(*peer));
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 150);
  EXPECT_NE(peer->last().find(R"({"id":129,"ping":{}})"), std::string::npos);
  EXPECT_TRUE(peer->last().ends_with(R"({"id":150,"ping":{}})"));
}

TEST_F(TurnsTest, TheShareIsOfATurnHoweverManyMessagesBringTheCommands) {
  const auto peer = connected();
  tell(*peer, lines(ping(1), 40));
  EXPECT_FALSE(peer->outlet.awake);
  tell(*peer, lines(ping(2), 40));
  EXPECT_TRUE(peer->outlet.awake);
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 64);
  run_turn(*peer);
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 80);
  advance(1ms);  // another turn of the loop
  tell(*peer, lines(ping(3), 64));
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 144);
}

// 21,000 pongs in one message.
TEST_F(TurnsTest, AMessageFullOfPongsTakesManyTurnsAndNoReply) {
  const auto peer = connected();
  const std::size_t before = peer->outlet.sent.size();
  tell(*peer, lines("{}", 21'000));
  int turns = 1;
  while (run_turn(*peer)) ++turns;
  EXPECT_EQ(turns, 21'000 / 64 + 1);
  EXPECT_EQ(peer->outlet.sent.size(), before);
  EXPECT_FALSE(peer->outlet.closed);
}

TEST_F(TurnsTest, APeerThatDoesNotReadIsNotServedUntilItHasRead) {
  const auto peer = connected();
  peer->outlet.room = 0;
  tell(*peer, ping(1) + "\n" + ping(2));
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 0);
  EXPECT_TRUE(peer->outlet.paused);
  peer->outlet.room = 1000;
  peer->outlet.awake = true;  // as the outlet does by itself
  run_turns();
  EXPECT_EQ(count_of(*peer, "\"ping\":{}"), 2);
}

TEST_F(TurnsTest, ASlowReaderThatReadsIsAliveThoughItsPongIsNotRead) {
  const auto peer = connected();
  peer->outlet.room = 0;
  for (int i = 0; i < 5; ++i) {
    peer->outlet.progress = true;
    pass(*peer, options.ping_interval);
  }
  EXPECT_FALSE(peer->outlet.closed);
  pass(*peer, options.ping_interval + options.pong_timeout);
  EXPECT_EQ(peer->outlet.closed, (Close{3012, "NO_PONG"}));
}

// `history` is granted only to a client that is subscribed: the join must be over before it is
// judged.
TEST_F(TurnsTest, HistoryRightBehindConnectIsGranted) {
  const auto first = connected();
  say(*first, R"({"id":1,"publish":{"channel":"open:a","data":7}})");
  LateTicketStore late;
  SessionDependencies with_late = dependencies_on(late);
  Peer peer(with_late, peers);
  peer.session->begin({.endpoint = edge::Endpoint::sdk}, clock.now());
  tell(peer,
       R"({"id":1,"connect":{"token":"00112233445566778899aabbccddeeff","subs":{"open:a":{}}}})"
       "\n"
       R"({"id":2,"history":{"channel":"open:a","limit":10}})");
  EXPECT_TRUE(peer.outlet.paused) << "nothing is said to it before its ticket is known";
  late.waiting.front()(ticket::Redeemed::ok(grant()));
  EXPECT_EQ(count_of(peer, "\"history\""), 0) << "the hub is in the middle of the join";
  run_turns();
  EXPECT_NE(peer.last().find(R"({"id":2,"history":{"publications":[{"data":7)"), std::string::npos)
      << peer.last();
}

// SDKs send `connect` and all their subscriptions in one frame.
TEST_F(TurnsTest, TheFrameThatBringsConnectMayBeLongerThanTheCommand) {
  const auto peer = open_sdk();
  std::string frame = R"({"id":1,"connect":{"token":")" + ticket(grant()) + R"("}})";
  for (int i = 0; i < 100; ++i) {
    frame += "\n{\"id\":" + std::to_string(i + 2) + R"(,"subscribe":{"channel":"open:)" +
             std::to_string(i) + std::string(200, 'x') + "\"}}";
  }
  ASSERT_GT(frame.size(), options.connect_bytes_max);
  say(*peer, frame);
  EXPECT_EQ(count_of(*peer, "\"subscribe\":"), 100);
  EXPECT_EQ(count_of(*peer, "\"error\""), 0);
}

TEST_F(TurnsTest, AConnectCommandOverItsLimitIsTooBig) {
  const auto connect = [&](std::size_t size) {
    const std::string head = R"({"id":1,"connect":{"token":")" + ticket(grant()) + R"(","data":")";
    const std::string tail = R"("}})";
    return head + std::string(size - head.size() - tail.size(), 'd') + tail;
  };
  const auto fits = open_sdk();
  say(*fits, connect(options.connect_bytes_max));
  EXPECT_FALSE(fits->outlet.closed);
  const auto too_big = open_sdk();
  say(*too_big, connect(options.connect_bytes_max + 1));
  EXPECT_EQ(too_big->outlet.closed, (Close{1009, "MESSAGE_TOO_BIG"}));
}

// An SDK wants all its subscriptions back at once, whatever the rate of commands.
TEST_F(TurnsTest, AsManySubscriptionsAsAConnectionMayHaveAreFreeOfTheRate) {
  options.commands = {.count = 2, .per = 1s};
  options.channels_per_connection = 5;
  const auto peer = connected();
  for (int i = 0; i < 8; ++i) {
    say(*peer, "{\"id\":" + std::to_string(i + 1) + R"(,"subscribe":{"channel":"open:)" +
                   std::to_string(i) + "\"}}");
  }
  EXPECT_EQ(count_of(*peer, "\"subscribe\":"), 7) << "five, and two of the rate";
  EXPECT_EQ(count_of(*peer, "\"code\":111"), 1);
}

TEST_F(TurnsTest, AnOrderToCloseIsCarriedOutInATurnAndNothingIsSaidInBetween) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"subscribe":{"channel":"open:a"}})");
  const auto other = connected();
  hub::DisconnectOrder order{};
  order.target.session = "s1";
  order.target.spared_clients = {};
  order.code = 3503;
  order.reason = "FORCE_DISCONNECT";
  engine.broker(0).order(order, [](auto) {});
  EXPECT_FALSE(peer->outlet.closed) << "the hub is in the middle of the order";
  EXPECT_TRUE(peer->outlet.awake);
  const std::size_t before = peer->outlet.sent.size();
  engine.broker(0).publish({.channel = "open:a", .data = "1"}, [](auto) {});
  EXPECT_EQ(peer->outlet.sent.size(), before) << "it has lost its rights already";
  run_turns();
  EXPECT_EQ(peer->outlet.closed, (Close{3503, "FORCE_DISCONNECT"}));
  EXPECT_EQ(other->outlet.closed, (Close{3503, "FORCE_DISCONNECT"}));
  EXPECT_EQ(hub.connections(), 0u);
}

// SDKs send their subscriptions with `connect`, and fetch a new token when it is refused with 109.
TEST_F(TurnsTest, WhatCameBehindARefusedConnectWaitsForTheNextOne) {
  const auto peer = open_sdk();
  const std::string unknown = "00112233445566778899aabbccddeeff";
  say(*peer, R"({"id":1,"connect":{"token":")" + unknown + "\"}}\n" + ping(2));
  EXPECT_EQ(count_of(*peer, "\"code\":109"), 1);
  EXPECT_FALSE(peer->outlet.closed);
  say(*peer, R"({"id":3,"connect":{"token":")" + ticket(grant()) + "\"}}");
  EXPECT_EQ(count_of(*peer, R"({"id":2,"ping":{}})"), 1);
}

TEST_F(TurnsTest, WhatWaitsIsBounded) {
  options.held_bytes_max = 100;
  const auto peer = open_sdk();
  const std::string refused = R"({"id":1,"connect":{"token":"00112233445566778899aabbccddeeff"}})";
  say(*peer, refused + "\n" + ping(2) + std::string(100 - ping(2).size(), ' '));
  EXPECT_FALSE(peer->outlet.closed);
  say(*peer, refused + "\n" + ping(3));
  EXPECT_EQ(peer->outlet.closed, (Close{3501, "BAD_REQUEST"}));
}

// One small frame may ask for long answers: they are not gathered beyond the bytes that may wait
// for the peer.
TEST_F(TurnsTest, LargeAnswersLeaveInFramesOfTheirOwnAndAreCounted) {
  const auto peer = connected();
  say(*peer, R"({"id":1,"subscribe":{"channel":"open:a"}})");
  for (int i = 0; i < 5; ++i) {
    say(*peer,
        R"({"id":2,"publish":{"channel":"open:a","data":")" + std::string(6000, 'x') + "\"}}");
  }
  peer->outlet.sent.clear();
  peer->outlet.room = 20'000;
  tell(*peer, lines(R"({"id":3,"history":{"channel":"open:a","limit":-1}})", 30));
  for (const std::string& sent : peer->outlet.sent) EXPECT_LT(sent.size(), 40'000u);
  EXPECT_EQ(count_of(*peer, "\"history\""), 30);
}

// However a session ends, the outlet then has a deadline of its own.
TEST_F(TurnsTest, ARefreshThatIsRefusedAtOnceTakesNoDeadlineFromTheEndingLink) {
  const auto peer = connected();
  ASSERT_TRUE(peer->outlet.deadline);
  ticket::Grant other = grant();
  other.session = "s2";
  say(*peer, R"({"id":1,"refresh":{"token":")" + ticket(other) + "\"}}");
  EXPECT_EQ(peer->outlet.closed, (Close{3501, "BAD_REQUEST"}));
  EXPECT_TRUE(peer->outlet.deadline);
}

}  // namespace
}  // namespace usher::session
