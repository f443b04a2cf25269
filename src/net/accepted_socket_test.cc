#include "net/accepted_socket.h"

#include "net/turns_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

wire::SharedFrame frame(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

class AcceptedSocketTest : public TurnsFixture {
 protected:
  AcceptedSocketTest()
      : TurnsFixture({.goodbye_timeout = 10s, .linger_timeout = 2s, .outbox_bytes_max = 1000}) {
    auto [ours, theirs] = socket_pair();
    peer = std::move(theirs);
    socket = std::make_unique<NotingSocket>(context, std::move(ours));
  }
  void open() {
    socket->advance(Event::upgraded);
    socket->advance(Event::released);
    turn();
  }
  bool is_readable() {
    socket->events.clear();
    say(peer, "x");
    context.poller().handle_ready(TurnBudget(clock));
    return !socket->events.empty();
  }

  Fd peer;
  std::unique_ptr<NotingSocket> socket;
};

TEST_F(AcceptedSocketTest, OnlyAPhaseThatSendsTakesFrames) {
  socket->push(frame("in HTTP"));
  socket->advance(Event::upgraded);
  socket->push(frame("held "));
  turn();
  EXPECT_EQ(receive(peer), "");
  socket->advance(Event::released);
  socket->push(frame("open"));
  socket->advance(Event::said_last);
  socket->push(frame("too late"));
  turn();
  EXPECT_EQ(receive(peer), "held open");
}

TEST_F(AcceptedSocketTest, AHeldSocketGivesNothingToABatch) {
  std::array<iovec, 4> parts;
  socket->advance(Event::upgraded);
  socket->push(frame("x"));
  EXPECT_TRUE(socket->gather_for_batch(parts).empty());
  socket->advance(Event::released);
  EXPECT_EQ(socket->gather_for_batch(parts).size(), 1u);
}

TEST_F(AcceptedSocketTest, TheEndOfASendIsSaidInPhasesThatActOnItAlone) {
  socket->push_last("answer");
  turn();
  EXPECT_EQ(socket->all_sent, 1);
  open();
  const int before = socket->all_sent;
  socket->push(frame("x"));
  turn();
  EXPECT_EQ(socket->all_sent, before);
  socket->end_after_sending();
  turn();
  EXPECT_EQ(socket->all_sent, before + 1);
}

TEST_F(AcceptedSocketTest, ReadingIsPausedAndGoesOn) {
  EXPECT_TRUE(is_readable());
  EXPECT_EQ(socket->receive()->size(), 1u);
  socket->set_reading(false);
  turn();
  EXPECT_FALSE(is_readable());
  EXPECT_EQ(socket->receive()->size(), 0u);
  socket->set_reading(true);
  turn();
  EXPECT_TRUE(is_readable());
  EXPECT_EQ(socket->receive()->size(), 2u);
}

TEST_F(AcceptedSocketTest, ASocketThatLingersReadsWhateverWasAsked) {
  socket->set_reading(false);
  open();
  socket->advance(Event::said_last);
  turn();
  EXPECT_FALSE(is_readable());
  socket->advance(Event::sent);
  EXPECT_TRUE(is_readable());
  EXPECT_EQ(receive(peer), kEnd);
}

TEST_F(AcceptedSocketTest, AFullOutboxAsksForATurnOnce) {
  open();
  for (int i = 0; i < 3000; ++i) socket->push(frame(std::string(500, 'x')));
  EXPECT_EQ(socket->phase(), Phase::overflowed);
  EXPECT_EQ(socket->turns_asked, 1);
}

TEST_F(AcceptedSocketTest, ABrokenSocketAsksForATurnIfASessionHasToHear) {
  open();
  peer.reset();
  socket->push(frame("x"));
  flusher.flush(context.to_flush());
  EXPECT_EQ(socket->phase(), Phase::failed);
  EXPECT_EQ(socket->turns_asked, 1);
  EXPECT_FALSE(socket->is_closed);
}

TEST_F(AcceptedSocketTest, ABrokenSocketClosesAtOnceIfNoneHasTo) {
  peer.reset();
  socket->push_last("x");
  flusher.flush(context.to_flush());
  EXPECT_TRUE(socket->is_closed);
  EXPECT_EQ(application.sockets, 0);
}

// The shard is writing to others at that moment: only this socket must end.
TEST_F(AcceptedSocketTest, AnInvariantThatBreaksInAFlushClosesTheSocket) {
  socket->breaks_when_sent = true;
  socket->push_last("x");
  flusher.flush(context.to_flush());
  EXPECT_TRUE(socket->is_closed);
  EXPECT_EQ(application.errors.size(), 1u);
}

TEST_F(AcceptedSocketTest, EachEndingPhaseHasADeadline) {
  open();
  socket->set_deadline(clock.now() + 1s);
  socket->advance(Event::said_close);
  turn(9900ms);
  EXPECT_EQ(socket->phase(), Phase::closing) << "the session's deadline is replaced";
  socket->advance(Event::sent);
  turn(1900ms);
  EXPECT_EQ(socket->phase(), Phase::farewell);
  turn(200ms);
  EXPECT_EQ(socket->phase(), Phase::lingering);
  turn(2100ms);
  EXPECT_EQ(socket->phase(), Phase::closed);
}

TEST_F(AcceptedSocketTest, ClosingGivesBackEachCountOnce) {
  application.admitted = 1;
  open();
  socket->advance(Event::said_last);
  socket->advance(Event::sent);
  socket->abandon();
  socket->abandon();
  EXPECT_EQ(application.admitted, 0);
  EXPECT_EQ(application.sockets, 0);
  for (std::size_t i = 0; i < context.options().lingering_max; ++i) {
    ASSERT_TRUE(context.may_linger());
  }
  EXPECT_FALSE(context.may_linger());
}

}  // namespace
}  // namespace usher::net
