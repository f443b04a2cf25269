#include "net/upstream_socket.h"

#include "net/upstream_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

class UpstreamSocketTest : public UpstreamFixture {
 protected:
  using UpstreamFixture::UpstreamFixture;

  void open_upstream() {
    connect_upstream();
    say(upstream, kUpstreamAnswer);
    turn();
    EXPECT_EQ(std::exchange(owner.told, {}), Lines{"answer:101"});
    socket.open(dial->take_socket(), 0);
    socket.set_reading(true);
  }
  void send(const std::string& bytes) { socket.send(bytes); }
  // Sends until there is no room.
  std::string fill() {
    std::string sent;
    while (socket.has_room()) {
      const std::string bytes(socket.room() - Outbox::kFrameCost, 'x');
      send(bytes);
      sent += bytes;
    }
    return sent;
  }

  UpstreamSocket socket{context, owner};
};

TEST_F(UpstreamSocketTest, ABufferThatIsFullHasRoomAgainWhenTheUpstreamReads) {
  open_upstream();
  const std::string sent = fill();
  EXPECT_FALSE(socket.has_room());
  EXPECT_LE(sent.size() - unread_by(upstream), socket.target().buffer_bytes);
  EXPECT_EQ(hear(upstream), sent);
  EXPECT_EQ(owner.told, Lines{"room"});
}

TEST_F(UpstreamSocketTest, WhileThereIsNoRoomForTheClientNothingIsRead) {
  open_upstream();
  owner.room = UpstreamSocket::kRoomMin - 1;
  say(upstream, "bytes");
  turn();
  turn();
  EXPECT_EQ(owner.bytes, "");
  owner.room = UpstreamSocket::kRoomMin;
  socket.set_reading(true);
  turn();
  EXPECT_EQ(owner.bytes, "bytes");
}

TEST_F(UpstreamSocketTest, ALostUpstreamIsReadToItsEnd) {
  open_upstream();
  say(upstream, "last words");
  send("unread, so that closing is a reset");
  upstream = Fd();
  send("takes nothing more");
  EXPECT_TRUE(socket.is_lost());
  EXPECT_FALSE(socket.has_room());
  turn();
  EXPECT_EQ(owner.bytes, "last words");
  turn();
  EXPECT_EQ(owner.told, (Lines{"lost", "end"}));
}

TEST_F(UpstreamSocketTest, AHangUpIsToldOnceWhileItIsNotRead) {
  open_upstream();
  socket.set_reading(false);
  say(upstream, "last words");
  upstream = Fd();
  for (int i = 0; i < 5; ++i) turn();
  EXPECT_EQ(owner.told, Lines{"lost"});
  socket.set_reading(true);
  turn();
  turn();
  EXPECT_EQ(owner.bytes, "last words");
  EXPECT_EQ(owner.told, (Lines{"lost", "end"}));
}

// ---- leaving ----

TEST_F(UpstreamSocketTest, LastBytesLeaveBeforeTheEndIsSaid) {
  open_upstream();
  const std::string sent = fill();
  socket.leave(true);
  EXPECT_EQ(hear(upstream), sent + std::string(kEnd));
  EXPECT_EQ(socket.stage(), UpstreamSocket::Stage::leaving);
  upstream = Fd();
  turn();
  EXPECT_EQ(owner.told, Lines{"closed"});
}

TEST_F(UpstreamSocketTest, AnUpstreamThatNeverTakesTheLastBytesIsLeftAfterTheGoodbyeTimeout) {
  open_upstream();
  fill();
  socket.leave(true);
  turn(9900ms);
  EXPECT_EQ(owner.told, Lines{});
  turn(200ms);
  EXPECT_EQ(owner.told, Lines{"closed"});
}

TEST_F(UpstreamSocketTest, AnUpstreamThatNeverClosesIsLeftAfterTheLingerTimeout) {
  open_upstream();
  const std::string sent = fill();
  socket.leave(false);
  hear(upstream);  // now all has left
  turn(1900ms);
  EXPECT_EQ(owner.told, Lines{});
  say(upstream, "thrown away");
  turn(200ms);
  EXPECT_EQ(owner.told, Lines{"closed"});
  EXPECT_EQ(owner.bytes, "");
}

class LingeringUpstreamTest : public UpstreamSocketTest {
 protected:
  LingeringUpstreamTest() : UpstreamSocketTest({}, {.lingering_max = 1}) {}
};

TEST_F(LingeringUpstreamTest, APlaceToLingerIsTakenOnceAllHasLeftAndGivenBack) {
  open_upstream();
  fill();
  socket.leave(false);
  EXPECT_TRUE(context.may_linger()) << "bytes still leave";
  context.end_linger();
  hear(upstream);
  EXPECT_FALSE(context.may_linger());
  socket.abandon();
  EXPECT_TRUE(context.may_linger());
}

TEST_F(LingeringUpstreamTest, WithoutAPlaceItClosesWhenAllHasLeft) {
  ASSERT_TRUE(context.may_linger());
  open_upstream();
  const std::string sent = fill();
  socket.leave(false);
  EXPECT_EQ(hear(upstream), sent + std::string(kEnd));
  EXPECT_EQ(owner.told, Lines{"closed"});
}

}  // namespace
}  // namespace usher::net
