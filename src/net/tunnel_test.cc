#include "net/tunnel.h"

#include <tuple>

#include "net/tunnel_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

const std::string kEnded(kEnd);

// ---- opening ----

class TunnelTest : public TunnelFixture {
 protected:
  using TunnelFixture::TunnelFixture;

  void say_many(const Fd& from, const std::string& frame, int count) {
    for (int i = 0; i < count; ++i) {
      say(from, frame);
      turn();
    }
  }
};

TEST_F(TunnelTest, BytesThatCameEarlyOnEitherSideArePassedOnBehindTheHandshake) {
  open(client_text("early") + "\x81", server_frame(1, "greeting"));
  say(client, client_text("late").substr(1));
  say(upstream, server_frame(2, "answer"));
  EXPECT_EQ(hear(upstream), client_text("late").substr(1));
  EXPECT_EQ(hear(client), server_frame(2, "answer"));
  EXPECT_EQ(notes.heard, Lines{});
  expect_nothing_left();
}

TEST_F(TunnelTest, MoreEarlyBytesThanAreKeptWaitInTheClientsSocket) {
  ask();
  const std::string frame = client_frame(2, std::string(16 * 1024, 'x'));
  say_many(client, frame, 3);
  EXPECT_TRUE(is_unread(client));
  say(upstream, kUpstreamAnswer);
  EXPECT_EQ(hear(upstream), frame + frame + frame);
  expect_nothing_left();
}

TEST_F(TunnelTest, AClientThatLeavesBeforeTheAnswerEndsTheDial) {
  ask();
  client = Fd();
  turn();
  EXPECT_EQ(hear(upstream), kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_F(TunnelTest, ARefusedClientGetsTheReasonAndTheUpstreamNoByte) {
  notes.on_answer = [](edge::TunnelOutlet& outlet) { outlet.refuse(kClientAnswer, kBye); };
  ask(client_text("early"));
  say(upstream, kUpstreamAnswer);
  turn();
  EXPECT_EQ(hear(client), kClientAnswer + close_frame(kBye));
  EXPECT_EQ(hear(upstream), kEnded);
  say(client, client_close(""));
  EXPECT_EQ(hear(client), kEnded);
  EXPECT_EQ(notes.heard, Lines{"answer:101"});
  expect_nothing_left();
}

TEST_F(TunnelTest, ACloseFrameAmongTheEarlyBytesOfARefusedClientIsFound) {
  notes.on_answer = [](edge::TunnelOutlet& outlet) { outlet.refuse(kClientAnswer, kBye); };
  ask(client_text("early") + client_close(""));
  say(upstream, kUpstreamAnswer);
  EXPECT_EQ(hear(client), kClientAnswer + close_frame(kBye) + kEnded);
  expect_nothing_left();
}

TEST_F(TunnelTest, AnUpstreamThatIsNotThereIsToldToTheSession) {
  listener.close();
  client = connect();
  say(client, kTunnelUpgrade);
  turn();
  EXPECT_EQ(notes.heard, Lines{"unreachable:refused: connecting to unix:" + listener.path() +
                               ": Connection refused"});
  EXPECT_EQ(hear(client), kClientAnswer + close_frame({wire::CloseCode::try_again_later, "AWAY"}));
  expect_nothing_left();
}

TEST_F(TunnelTest, ATunnelThatIsEndedInTheTurnInWhichItOpensPassesNoByte) {
  notes.on_answer = [](edge::TunnelOutlet& outlet) {
    outlet.open(kClientAnswer);
    outlet.wake();
  };
  notes.on_turn = [](edge::TunnelOutlet& outlet) { outlet.close(kBye); };
  ask(client_text("early") + client_close(""));
  say(upstream, kUpstreamAnswer + server_frame(1, "greeting"));
  EXPECT_EQ(hear(client), kClientAnswer + close_frame(kBye) + kEnded);
  EXPECT_EQ(hear(upstream), masked_close_frame(kBye));
  EXPECT_EQ(notes.heard, (Lines{"answer:101", "turn"}));
  expect_nothing_left();
}

TEST_F(TunnelTest, ABrokenInvariantOfASessionCostsItsTunnelAlone) {
  open();
  Fd other_client = std::move(client);
  Fd other_upstream = std::move(upstream);
  notes.on_answer = [](edge::TunnelOutlet&) { USHER_INVARIANT(false); };
  ask();
  say(upstream, kUpstreamAnswer);
  EXPECT_EQ(hear(client), kEnded);
  EXPECT_EQ(hear(upstream), kEnded);
  EXPECT_EQ(notes.heard, (Lines{"answer:101", "closed:1011:INTERNAL_ERROR"}));
  EXPECT_EQ(std::exchange(application.errors, {}).size(), 1u);
  say(other_client, client_text("still here"));
  EXPECT_EQ(hear(other_upstream), client_text("still here"));
  other_client = Fd();
  other_upstream = Fd();
  expect_nothing_left();
}

// ---- room ----

TEST_F(TunnelTest, EachDirectionHoldsNoMoreThanItsBuffer) {
  open();
  const auto fill = [this](const Fd& from, const Fd& to, const std::string& frame,
                           edge::Direction direction) {
    while (!is_unread(from)) {
      say(from, frame);
      turn();
    }
    const std::size_t passed = notes.passed[static_cast<std::size_t>(direction)];
    EXPECT_LE(passed - unread_by(to), 64u * 1024);
    return passed;
  };
  const std::string up = client_frame(2, std::string(1000, 'u'));
  const std::string down = server_frame(2, std::string(1000, 'd'));
  fill(client, upstream, up, edge::Direction::to_upstream);
  fill(upstream, client, down, edge::Direction::to_client);
  const std::size_t in_all_up = hear(upstream).size();
  const std::size_t in_all_down = hear(client).size();
  EXPECT_FALSE(is_unread(client));
  EXPECT_FALSE(is_unread(upstream));
  EXPECT_EQ(in_all_up, notes.passed[0]);
  EXPECT_EQ(in_all_down, notes.passed[1]);
  EXPECT_EQ(in_all_up % up.size(), 0u);
  EXPECT_EQ(in_all_down % down.size(), 0u);
  expect_nothing_left();
}

// ---- time ----

class IdleTunnelTest : public TunnelTest {
 protected:
  IdleTunnelTest() : TunnelTest({.idle_timeout = 30s}) {}
};

TEST_F(IdleTunnelTest, SilenceInBothDirectionsForTheWholeTimeEndsIt) {
  open();
  turn(29s);
  say(client, client_text("a"));
  turn();
  turn(29s);
  say(upstream, server_frame(1, "b"));
  turn();
  turn(29900ms);
  EXPECT_EQ(notes.heard, Lines{});
  turn(200ms);
  EXPECT_EQ(notes.heard, Lines{"idle"});
  EXPECT_EQ(hear(client),
            server_frame(1, "b") + close_frame({wire::CloseCode::going_away, "IDLE"}));
  expect_nothing_left();
}

TEST_F(TunnelTest, WithoutAnIdleTimeoutSilenceLastsForEver) {
  open();
  for (int i = 0; i < 50; ++i) turn(1h);
  say(client, client_text("a"));
  EXPECT_EQ(hear(upstream), client_text("a"));
  EXPECT_EQ(notes.heard, Lines{});
}

TEST_F(TunnelTest, ATunnelWithBothCloseFramesEndsAlthoughNeitherSideCloses) {
  open();
  say(client, client_close("\x03\xE8"));
  turn();
  say(upstream, server_frame(8, "\x03\xE8"));
  turn();
  turn(9900ms);
  EXPECT_EQ(notes.heard, Lines{});
  turn(200ms);
  EXPECT_EQ(notes.heard, Lines{"closed:1000:"});
  EXPECT_EQ(hear(client), server_frame(8, "\x03\xE8") + kEnded);
  EXPECT_EQ(hear(upstream), client_close("\x03\xE8") + kEnded);
  expect_nothing_left();
}

TEST_F(TunnelTest, AHalfClosedTunnelEndsWhenNothingPasses) {
  open();
  ASSERT_EQ(shutdown(client.get(), SHUT_WR), 0);
  EXPECT_EQ(hear(upstream), kEnded);
  turn(9s);
  say(upstream, server_frame(1, "still"));
  EXPECT_EQ(hear(client), server_frame(1, "still"));
  turn(9900ms);
  EXPECT_EQ(notes.heard, Lines{});
  turn(200ms);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  EXPECT_EQ(hear(client), kEnded);
  expect_nothing_left();
}

// ---- the end ----

TEST_F(TunnelTest, ACloseFrameOfUsherStandsBehindTheFrameThatIsUnderWay) {
  open();
  const std::string frame = server_frame(2, std::string(3000, 'x'));
  say(upstream, frame.substr(0, 2));
  turn();
  close();
  EXPECT_EQ(hear(upstream), masked_close_frame(kBye));
  turn(900ms);
  EXPECT_EQ(hear(client), frame.substr(0, 2));
  say(upstream, frame.substr(2) + server_frame(1, "too late"));
  EXPECT_EQ(hear(client), frame.substr(2) + close_frame(kBye));
  say(client, client_close(""));
  EXPECT_EQ(hear(client), kEnded);
  expect_nothing_left();
}

TEST_F(TunnelTest, AFrameThatEndsTooLateIsCut) {
  open();
  say(upstream, "\x81");
  turn();
  close();
  turn(Tunnel::kFrameTimeMax + 20ms);
  EXPECT_EQ(hear(client), "\x81" + kEnded);
  EXPECT_EQ(notes.heard, Lines{"turn"});
  expect_nothing_left();
}

TEST_F(TunnelTest, AnUpstreamThatClosesInTheFrameForWhichACloseFrameWaitsCutsTheClient) {
  open();
  say(upstream, "\x81");
  turn();
  close();
  upstream = Fd();
  EXPECT_EQ(hear(client), "\x81" + kEnded);
  expect_nothing_left();
}

TEST_F(TunnelTest, BehindTheUpstreamsOwnCloseFrameUsherSendsNone) {
  open();
  say(upstream, server_frame(8, "\x03\xE8"));
  turn();
  close();
  EXPECT_EQ(hear(client), server_frame(8, "\x03\xE8"));
  say(client, client_close("\x03\xE8"));
  EXPECT_EQ(hear(client), kEnded);
  expect_nothing_left();
}

TEST_F(TunnelTest, BehindTheClientsOwnCloseFrameTheUpstreamGetsNone) {
  open();
  say(client, client_close("\x03\xE8"));
  turn();
  close();
  EXPECT_EQ(hear(upstream), client_close("\x03\xE8"));
  EXPECT_EQ(hear(client), close_frame(kBye) + kEnded);
  expect_nothing_left();
}

TEST_F(TunnelTest, AHalfClosedClientGetsTheReasonAndTheUpstreamNothingBehindTheEnd) {
  open();
  ASSERT_EQ(shutdown(client.get(), SHUT_WR), 0);
  turn();
  close();
  EXPECT_EQ(hear(upstream), kEnded);
  EXPECT_EQ(hear(client), close_frame(kBye) + kEnded);
  expect_nothing_left();
}

TEST_F(TunnelTest, TheGoodbyeOfADrainIsSaidOnce) {
  open();
  AcceptedSocket& tunnel = **table.begin();
  ASSERT_TRUE(tunnel.awaits_goodbye());
  tunnel.say_goodbye(1s);
  EXPECT_FALSE(tunnel.awaits_goodbye());
  EXPECT_TRUE(tunnel.is_admitted());
  EXPECT_EQ(hear(client), close_frame({wire::CloseCode::going_away, "SHUTDOWN"}));
  expect_nothing_left();
}

TEST_F(TunnelTest, ATunnelWhoseClientIsGoneIsNoConnectionWhileItsLastBytesLeave) {
  open();
  fill(client, client_frame(2, std::string(16'000, 'x')));
  client = Fd();
  turn();
  turn(11s);  // hung up, and nothing passes
  ASSERT_EQ(table.size(), 1u);
  EXPECT_FALSE((*table.begin())->is_admitted());
  EXPECT_FALSE((*table.begin())->awaits_goodbye());
  EXPECT_EQ(application.admitted, 0);
  EXPECT_EQ(application.sockets, 0);
  expect_nothing_left();
}

TEST_F(TunnelTest, AClosedClientsBytesReachASlowUpstream) {
  open();
  std::string said;
  const std::string frame = client_frame(2, std::string(16'000, 'x'));
  while (!is_unread(client)) {
    say(client, frame);
    said += frame;
    turn();
  }
  client = Fd();
  turn();
  turn(9s);
  EXPECT_EQ(hear(upstream), said + kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_F(TunnelTest, AClosedClientWithBytesThatTheUpstreamNeverTakesIsGivenUp) {
  open();
  fill(client, client_frame(2, std::string(16'000, 'x')));
  client = Fd();
  turn();
  EXPECT_EQ(notes.heard, Lines{});
  turn(10100ms);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_F(TunnelTest, WhatAClientSaidBeforeItResetReachesTheUpstream) {
  open();
  say(client, client_text("last words"));
  say(upstream, server_frame(1, "unread"));
  turn();
  say(client, client_text("very last"));
  client = Fd();  // with unread bytes
  say(upstream, server_frame(1, "for no one"));
  EXPECT_EQ(hear(upstream), client_text("last words") + client_text("very last") + kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_F(TunnelTest, ALostUpstreamWithBytesThatTheClientNeverTakesIsGivenUp) {
  open();
  fill(upstream, server_frame(2, std::string(16'000, 'x')));
  upstream = Fd();
  turn();
  EXPECT_EQ(notes.heard, Lines{});
  turn(10100ms);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_F(TunnelTest, AHangUpIsReportedOnceWhileNothingIsRead) {
  open();
  fill(upstream, server_frame(2, std::string(16'000, 'x')));
  upstream = Fd();
  const TurnBudget budget(clock);
  std::size_t events = 0;
  for (int i = 0; i < 20; ++i) events += context.poller().handle_ready(budget).count;
  EXPECT_LE(events, 2u);
  expect_nothing_left();
}

}  // namespace
}  // namespace usher::net
