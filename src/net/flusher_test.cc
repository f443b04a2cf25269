#include "net/flusher.h"

#include <algorithm>

#include "net/turns_fixture.h"

namespace usher::net {
namespace {

class FlusherTest : public TurnsFixture, public testing::WithParamInterface<BatchSender::Way> {
 protected:
  struct Line {
    std::unique_ptr<NotingSocket> socket;
    Fd peer;
  };
  Line line() {
    auto [ours, peer] = socket_pair();
    return {std::make_unique<NotingSocket>(context, std::move(ours)), std::move(peer)};
  }
  void flush() { tested.flush(context.to_flush()); }

  Flusher tested{GetParam(), context.join_buffer()};
};

INSTANTIATE_TEST_SUITE_P(Ways, FlusherTest,
                         testing::Values(BatchSender::Way::io_uring, BatchSender::Way::one_by_one));

// More sockets and more joined bytes than one batch has room for.
TEST_P(FlusherTest, EachSocketGetsItsOwnBytesInOrder) {
  std::vector<Line> lines;
  for (std::size_t i = 0; i < BatchSender::kBatchMax + 10; ++i) {
    lines.push_back(line());
    for (const char* part : {"a", "b", "c"}) {
      lines.back().socket->push_last(part + std::to_string(i) + std::string(100, '.'));
    }
  }
  flush();
  EXPECT_TRUE(context.to_flush().empty());
  EXPECT_TRUE(context.join_buffer().is_empty());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string number = std::to_string(i) + std::string(100, '.');
    EXPECT_EQ(receive(lines[i].peer), "a" + number + "b" + number + "c" + number);
    EXPECT_EQ(lines[i].socket->all_sent, 1);
  }
}

TEST_P(FlusherTest, BytesThatNoBatchTakesLeaveAllTheSame) {
  std::vector<Line> lines;
  for (int i = 0; i < 8; ++i) lines.push_back(line());
  const std::string large(JoinBuffer::kJoinedMax, 'x');
  for (const Line& each : lines) {
    each.socket->push_last("<");
    each.socket->push_last(large);
    each.socket->push_last(">");
  }
  for (std::size_t i = 0; i < 2 * JoinBuffer::kPartsMax; ++i) lines[0].socket->push_last("y");
  flush();
  EXPECT_EQ(receive(lines[0].peer), "<" + large + ">" + std::string(128, 'y'));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    EXPECT_EQ(receive(lines[i].peer), "<" + large + ">");
  }
}

TEST_P(FlusherTest, ASocketThatTakesNotAllGoesOnWhenItCan) {
  std::vector<Line> lines;
  for (int i = 0; i < 8; ++i) lines.push_back(line());
  std::string all;
  for (const Line& each : lines) each.socket->push_last("x");
  for (int i = 0; i < 60; ++i) lines[0].socket->push_last(std::string(10'000, 'a'));
  std::string got;
  for (int turns = 0; turns < 20 && got.size() < 600'001; ++turns) {
    flush();
    got += receive(lines[0].peer);
    context.poller().handle_ready(TurnBudget(clock));
  }
  EXPECT_EQ(got, "x" + std::string(600'000, 'a'));
  EXPECT_EQ(receive(lines[1].peer), "x");
}

TEST_P(FlusherTest, ABrokenSocketClosesAndTheOthersGetTheirBytes) {
  std::vector<Line> lines;
  for (int i = 0; i < 8; ++i) lines.push_back(line());
  for (const Line& each : lines) each.socket->push_last("x");
  lines[3].peer.reset();
  flush();
  EXPECT_EQ(lines[3].socket->phase(), Phase::closed);
  EXPECT_EQ(receive(lines[4].peer), "x");
}

TEST_P(FlusherTest, ASocketThatClosesBeforeTheFlushSendsNothing) {
  std::vector<Line> lines;
  for (int i = 0; i < 8; ++i) lines.push_back(line());
  for (const Line& each : lines) each.socket->push_last("x");
  lines[0].socket->abandon();
  flush();
  EXPECT_EQ(receive(lines[0].peer), kEnd);
  EXPECT_EQ(receive(lines[1].peer), "x");
}

}  // namespace
}  // namespace usher::net
