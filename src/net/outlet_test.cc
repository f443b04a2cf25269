#include "net/outlet.h"

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

// An outlet on a socket whose reader reads when the test says so.
class OutletTest : public testing::Test {
 protected:
  OutletTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    socket = std::make_unique<Socket>(Fd(ends[0]), nullptr);
    reader = Fd(ends[1]);
  }

  Outlet::Push push(std::string bytes, std::size_t bytes_max = 1 << 20) {
    return outlet.push(frame(std::move(bytes)), bytes_max, *socket, *joiner);
  }
  bool write_out() { return outlet.write_out(*socket, *joiner); }

  std::string read_all() {
    std::string all;
    std::array<char, 65536> buffer;
    while (true) {
      const ssize_t count = recv(reader.get(), buffer.data(), buffer.size(), 0);
      if (count <= 0) return all;
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }
  // The reader does not read, and the socket is full.
  void fill() {
    while (!outlet.is_blocked()) {
      outlet.push_last(std::string(65536, 'x'));
      ASSERT_TRUE(write_out());
    }
  }
  // All that waits leaves. Returns what has come.
  std::string drain() {
    std::string all;
    while (!outlet.empty()) {
      all += read_all();
      outlet.set_writable();
      EXPECT_TRUE(write_out());
    }
    return all + read_all();
  }

  std::unique_ptr<JoinBuffer> joiner = std::make_unique<JoinBuffer>();
  std::unique_ptr<Socket> socket;
  Fd reader;
  Outlet outlet;
};

TEST_F(OutletTest, WritesInOrderAndIsEmptyAfterwards) {
  EXPECT_TRUE(outlet.empty());
  for (int i = 0; i < 200; ++i) EXPECT_EQ(push("<" + std::to_string(i) + ">"), Outlet::Push::taken);
  EXPECT_TRUE(write_out());
  EXPECT_TRUE(outlet.empty());
  const std::string all = read_all();
  EXPECT_TRUE(all.starts_with("<0><1><2>") && all.ends_with("<198><199>"));
}

// 100 messages of 20 kB for one reader that reads: the limit is for those that do not.
TEST_F(OutletTest, WhatTheSocketTakesAtOnceDoesNotCount) {
  std::string all;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(push(std::string(20'000, 'a'), 30'000), Outlet::Push::taken) << i;
    all += read_all();
  }
  all += drain();
  EXPECT_EQ(all.size(), 2'000'000u);
}

TEST_F(OutletTest, ItIsFullWhenTheSocketIsAndTheLimitIsReached) {
  fill();
  const std::size_t waiting = outlet.cost();
  const std::size_t most = waiting + 1000 + Outbox::kFrameCost;
  EXPECT_EQ(push(std::string(1001, 'y'), most), Outlet::Push::full);
  EXPECT_EQ(outlet.cost(), waiting);
  EXPECT_EQ(push(std::string(1000, 'y'), most), Outlet::Push::taken);
  EXPECT_EQ(push("z", most), Outlet::Push::full);
  EXPECT_TRUE(drain().ends_with(std::string(1000, 'y')));
}

// What a batch holds in the buffer is not to be touched: the parts go as they are.
TEST_F(OutletTest, WhileABatchHoldsTheJoinBufferThePartsGoAsTheyAre) {
  std::string a = "one", b = "two";
  const std::array<iovec, 2> held{iovec{a.data(), a.size()}, iovec{b.data(), b.size()}};
  const std::span<const char> range = joiner->join(held);
  EXPECT_EQ(push("hello "), Outlet::Push::taken);
  EXPECT_EQ(push("world"), Outlet::Push::taken);
  EXPECT_TRUE(write_out());
  EXPECT_EQ(read_all(), "hello world");
  EXPECT_EQ(std::string(range.begin(), range.end()), "onetwo");
  EXPECT_FALSE(joiner->is_empty());
}

TEST_F(OutletTest, EveryPingIsAnsweredInItsPlaceWhileTheSocketTakesIt) {
  EXPECT_EQ(push("a"), Outlet::Push::taken);
  outlet.set_pong("1");
  EXPECT_EQ(push("b"), Outlet::Push::taken);
  outlet.set_pong("2");
  EXPECT_TRUE(write_out());
  EXPECT_EQ(read_all(), std::string("a\x8A\x01"
                                    "1b\x8A\x01"
                                    "2"));
}

TEST_F(OutletTest, APeerThatDoesNotReadHasOnePongWaitingForItsLastPing) {
  fill();
  const std::size_t before = outlet.cost();
  for (int i = 0; i < 1'000'000; ++i) outlet.set_pong(std::to_string(i));
  EXPECT_EQ(outlet.cost(), before);
  const std::string all = drain();
  EXPECT_TRUE(
      all.ends_with("x\x8A\x06"
                    "999999"))
      << all.substr(all.size() - 20);
}

TEST_F(OutletTest, ASendElsewhereThatWasShortBlocksUntilEpollSaysMore) {
  EXPECT_EQ(push("hello"), Outlet::Push::taken);
  std::array<iovec, 4> room;
  EXPECT_EQ(outlet.gather(room).size(), 1u);
  EXPECT_TRUE(outlet.consume({IoStatus::done, 2}, 5));
  EXPECT_TRUE(outlet.is_blocked());
  EXPECT_TRUE(outlet.take_progress());
  EXPECT_FALSE(outlet.take_progress());
  outlet.set_writable();
  EXPECT_TRUE(write_out());
  EXPECT_EQ(read_all(), "llo");
}

TEST_F(OutletTest, ABrokenSocketIsSaid) {
  reader.reset();
  EXPECT_EQ(push("x"), Outlet::Push::taken);
  EXPECT_FALSE(write_out());
}

TEST_F(OutletTest, WhatHasBegunToLeaveIsKeptWhenTheRestIsDropped) {
  fill();
  EXPECT_EQ(push("behind", 1 << 30), Outlet::Push::taken);
  outlet.set_pong("late");
  outlet.drop_unsent(*socket);
  outlet.push_last("bye");
  const std::string all = drain();
  EXPECT_TRUE(all.ends_with("xbye")) << all.substr(all.size() - 20);
  EXPECT_EQ((all.size() - 3) % 65536, 0u);
}

}  // namespace
}  // namespace usher::net
