#include "net/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace usher::net {
namespace {

iovec part(std::string& bytes) { return {bytes.data(), bytes.size()}; }

class SocketTest : public testing::Test {
 protected:
  SocketTest() : SocketTest(pair()) {}

  std::string hear() {
    const ssize_t count = recv(peer.get(), buffer.data(), buffer.size(), 0);
    return count < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(count));
  }

  Socket socket;
  Fd peer;
  std::array<char, 100> buffer{};

 private:
  explicit SocketTest(std::array<int, 2> ends) : socket(Fd(ends[0]), nullptr), peer(Fd(ends[1])) {}
  static std::array<int, 2> pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    return ends;
  }
};

TEST_F(SocketTest, ReadsWhatHasComeAndThenWantsMore) {
  ASSERT_EQ(send(peer.get(), "hello", 5, 0), 5);
  const IoResult first = socket.read(buffer);
  EXPECT_EQ(first.status, IoStatus::done);
  EXPECT_EQ(std::string(buffer.data(), first.bytes), "hello");
  EXPECT_EQ(socket.read(buffer).status, IoStatus::want_read);
}

TEST_F(SocketTest, WritesItsPartsInOrder) {
  std::string one = "one ", two = "two";
  const std::array<iovec, 1> alone = {part(one)};
  EXPECT_EQ(socket.write(alone).bytes, 4u);
  const std::array<iovec, 2> both = {part(one), part(two)};
  EXPECT_EQ(socket.write(both).bytes, 7u);
  EXPECT_EQ(hear(), "one one two");
}

TEST_F(SocketTest, AFullSocketWantsToWriteOnLater) {
  std::string much(1 << 20, 'x');
  const std::array<iovec, 1> alone = {part(much)};
  const std::array<iovec, 2> both = {part(much), part(much)};
  EXPECT_LT(socket.write(alone).bytes, much.size());
  EXPECT_EQ(socket.write(alone).status, IoStatus::want_write);
  EXPECT_EQ(socket.write(both).status, IoStatus::want_write);
}

TEST_F(SocketTest, AfterFinishWritingThePeerHearsTheEndAndMayStillSpeak) {
  socket.finish_writing();
  EXPECT_EQ(hear(), "");
  ASSERT_EQ(send(peer.get(), "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(socket.read(buffer).bytes, 1u);
}

TEST_F(SocketTest, ThePeersEndIsNoFailureAndABrokenSocketIs) {
  shutdown(peer.get(), SHUT_WR);
  EXPECT_EQ(socket.read(buffer).status, IoStatus::end);
  peer.reset();
  std::string bytes = "x";
  const std::array<iovec, 1> alone = {part(bytes)};
  const std::array<iovec, 2> both = {part(bytes), part(bytes)};
  EXPECT_EQ(socket.write(alone).status, IoStatus::failed) << "and no SIGPIPE";
  EXPECT_EQ(socket.write(both).status, IoStatus::failed);
}

TEST_F(SocketTest, ClosingGivesTheDescriptorBack) {
  const int fd = socket.fd();
  socket.close();
  EXPECT_EQ(socket.fd(), -1);
  EXPECT_EQ(fcntl(fd, F_GETFD), -1);
  EXPECT_EQ(hear(), "");
}

}  // namespace
}  // namespace usher::net
