#include "net/socket_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace usher::net {
namespace {

wire::SharedFrame frame(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// A writer on a socket whose other end the test reads.
class SocketWriterTest : public testing::Test {
 protected:
  SocketWriterTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    socket = std::make_unique<Socket>(Fd(ends[0]), nullptr);
    reader = Fd(ends[1]);
  }

  SocketWriter::Push push(std::string bytes, std::size_t bytes_max = 1 << 20) {
    return writer.push(frame(std::move(bytes)), bytes_max, *socket, *joiner);
  }
  bool write_out() { return writer.write_out(*socket, *joiner); }

  std::string read_all() {
    std::string all;
    std::array<char, 65536> buffer;
    while (true) {
      const ssize_t count = recv(reader.get(), buffer.data(), buffer.size(), 0);
      if (count <= 0) return all;
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }
  // Fills the socket: the reader does not read.
  void fill() {
    while (!writer.is_blocked()) {
      writer.push_last(std::string(65536, 'x'));
      ASSERT_TRUE(write_out());
    }
  }
  // Lets all waiting bytes leave. Returns the bytes that have come.
  std::string drain() {
    std::string all;
    while (!writer.empty()) {
      all += read_all();
      writer.set_writable();
      EXPECT_TRUE(write_out());
    }
    return all + read_all();
  }

  std::unique_ptr<JoinBuffer> joiner = std::make_unique<JoinBuffer>();
  std::unique_ptr<Socket> socket;
  Fd reader;
  SocketWriter writer;
};

TEST_F(SocketWriterTest, WritesInOrderAndIsEmptyAfterwards) {
  EXPECT_TRUE(writer.empty());
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(push("<" + std::to_string(i) + ">"), SocketWriter::Push::taken);
  EXPECT_TRUE(write_out());
  EXPECT_TRUE(writer.empty());
  const std::string all = read_all();
  EXPECT_TRUE(all.starts_with("<0><1><2>") && all.ends_with("<198><199>"));
}

// 100 messages of 20 kB for a peer that reads: the limit is for peers that do not.
TEST_F(SocketWriterTest, WhatTheSocketTakesAtOnceDoesNotCount) {
  std::string all;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(push(std::string(20'000, 'a'), 30'000), SocketWriter::Push::taken) << i;
    all += read_all();
  }
  all += drain();
  EXPECT_EQ(all.size(), 2'000'000u);
}

TEST_F(SocketWriterTest, ItIsFullWhenTheSocketIsAndTheLimitIsReached) {
  fill();
  const std::size_t waiting = writer.cost();
  const std::size_t most = waiting + 1000 + Outbox::kFrameCost;
  EXPECT_EQ(push(std::string(1001, 'y'), most), SocketWriter::Push::full);
  EXPECT_EQ(writer.cost(), waiting);
  EXPECT_EQ(push(std::string(1000, 'y'), most), SocketWriter::Push::taken);
  EXPECT_EQ(push("z", most), SocketWriter::Push::full);
  EXPECT_TRUE(drain().ends_with(std::string(1000, 'y')));
}

// Bytes of a batch in the buffer must not change, so the parts are sent as they are.
TEST_F(SocketWriterTest, WhileABatchHoldsTheJoinBufferThePartsGoAsTheyAre) {
  std::string a = "one", b = "two";
  const std::array<iovec, 2> held{iovec{a.data(), a.size()}, iovec{b.data(), b.size()}};
  const std::span<const char> range = joiner->join(held);
  EXPECT_EQ(push("hello "), SocketWriter::Push::taken);
  EXPECT_EQ(push("world"), SocketWriter::Push::taken);
  EXPECT_TRUE(write_out());
  EXPECT_EQ(read_all(), "hello world");
  EXPECT_EQ(std::string(range.begin(), range.end()), "onetwo");
  EXPECT_FALSE(joiner->is_empty());
}

TEST_F(SocketWriterTest, EveryPingIsAnsweredInItsPlaceWhileTheSocketTakesIt) {
  EXPECT_EQ(push("a"), SocketWriter::Push::taken);
  writer.set_pong("1");
  EXPECT_EQ(push("b"), SocketWriter::Push::taken);
  writer.set_pong("2");
  EXPECT_TRUE(write_out());
  EXPECT_EQ(read_all(), std::string("a\x8A\x01"
                                    "1b\x8A\x01"
                                    "2"));
}

TEST_F(SocketWriterTest, APeerThatDoesNotReadHasOnePongWaitingForItsLastPing) {
  fill();
  const std::size_t before = writer.cost();
  for (int i = 0; i < 1'000'000; ++i) writer.set_pong(std::to_string(i));
  EXPECT_EQ(writer.cost(), before);
  const std::string all = drain();
  EXPECT_TRUE(
      all.ends_with("x\x8A\x06"
                    "999999"))
      << all.substr(all.size() - 20);
}

TEST_F(SocketWriterTest, ASendElsewhereThatWasShortBlocksUntilEpollSaysMore) {
  EXPECT_EQ(push("hello"), SocketWriter::Push::taken);
  std::array<iovec, 4> room;
  EXPECT_EQ(writer.gather(room).size(), 1u);
  EXPECT_TRUE(writer.consume({IoStatus::done, 2}, 5));
  EXPECT_TRUE(writer.is_blocked());
  EXPECT_TRUE(writer.take_progress());
  EXPECT_FALSE(writer.take_progress());
  writer.set_writable();
  EXPECT_TRUE(write_out());
  EXPECT_EQ(read_all(), "llo");
}

TEST_F(SocketWriterTest, ABrokenSocketIsSaid) {
  reader.reset();
  EXPECT_EQ(push("x"), SocketWriter::Push::taken);
  EXPECT_FALSE(write_out());
}

TEST_F(SocketWriterTest, WhatHasBegunToLeaveIsKeptWhenTheRestIsDropped) {
  fill();
  EXPECT_EQ(push("behind", 1 << 30), SocketWriter::Push::taken);
  writer.set_pong("late");
  writer.drop_unsent(*socket);
  writer.push_last("bye");
  const std::string all = drain();
  EXPECT_TRUE(all.ends_with("xbye")) << all.substr(all.size() - 20);
  EXPECT_EQ((all.size() - 3) % 65536, 0u);
}

// ---- bytes that are passed on ----

TEST_F(SocketWriterTest, BytesThatTheSocketTakesDoNotWait) {
  EXPECT_EQ(writer.pass_on(std::string_view("hello"), *socket), SocketWriter::Push::taken);
  EXPECT_TRUE(writer.empty());
  EXPECT_FALSE(writer.is_blocked());
  EXPECT_EQ(read_all(), "hello");
}

TEST_F(SocketWriterTest, BytesThatTheSocketDoesNotTakeWaitInTheirOrder) {
  std::string said;
  while (writer.empty()) {
    said += std::string(50'000, static_cast<char>('a' + said.size() / 50'000 % 26));
    writer.pass_on(std::string_view(said).substr(said.size() - 50'000), *socket);
  }
  EXPECT_TRUE(writer.is_blocked());
  EXPECT_LE(writer.cost(), 50'000 + Outbox::kFrameCost);
  EXPECT_EQ(writer.pass_on(std::string_view("behind"), *socket), SocketWriter::Push::full);
  EXPECT_EQ(drain(), said + "behind");
}

TEST_F(SocketWriterTest, BytesThatArePassedOnStayBehindThoseThatWait) {
  writer.push_last("first ");
  EXPECT_EQ(writer.pass_on(std::string_view("second"), *socket), SocketWriter::Push::full);
  EXPECT_EQ(read_all(), "");
  EXPECT_TRUE(write_out());
  EXPECT_EQ(read_all(), "first second");
}

TEST_F(SocketWriterTest, NoBytesArePassedOnToABrokenSocket) {
  EXPECT_EQ(writer.pass_on(std::string_view(), *socket), SocketWriter::Push::taken);
  reader.reset();
  EXPECT_EQ(writer.pass_on(std::string_view("x"), *socket), SocketWriter::Push::failed);
}

}  // namespace
}  // namespace usher::net
