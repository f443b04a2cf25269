#include "net/acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>

#include "net/turns_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

// Keeps the accepted sockets.
class FakeOwner final : public ConnectionOwner {
 public:
  void adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role,
             const TlsContext*) override {
    adopted.push_back(std::move(fd));
    families.push_back(peer.ss_family);
    roles.push_back(role);
  }
  void adopt_tunnel(Socket, const edge::TunnelOpening&, std::span<const char>) override {}
  void retire(AcceptedSocket&) override {}
  bool give_up_idle(std::size_t) override {
    ++asked_for_room;
    if (!is_idle) return false;
    is_idle = false;
    adopted.clear();
    return true;
  }

  std::vector<Fd> adopted;
  std::vector<int> families;
  std::vector<edge::ListenerRole> roles;
  bool is_idle = false;  // all sockets that it has
  int asked_for_room = 0;
};

// The undefined-behaviour sanitizer opens a pipe for some of its checks, and takes a failure for a
// broken object.
#ifdef __SANITIZE_ADDRESS__
#define SKIP_UNDER_SANITIZERS() GTEST_SKIP() << "the sanitizers need descriptors"
#else
#define SKIP_UNDER_SANITIZERS() static_cast<void>(0)
#endif

// While an object of it exists, the process gets no further descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(Fd(fcntl(0, F_DUPFD_CLOEXEC, 0)).get());  // the lowest free
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

class AcceptorTest : public TurnsFixture {
 protected:
  AcceptorTest() {
    Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    EXPECT_EQ(::listen(listener.get(), 256), 0);
    socklen_t size = sizeof address;
    getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    context.set_owner(owner);
    acceptor =
        std::make_unique<Acceptor>(context, std::move(listener), edge::ListenerRole::api, nullptr);
  }

  Fd make_socket() const { return Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
  // The kernel completes it, before the acceptor accepts the connection.
  bool dial(const Fd& peer) const {
    return connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Fd call() const {
    Fd peer = make_socket();
    EXPECT_TRUE(dial(peer));
    return peer;
  }
  static std::string hear(const Fd& peer) {
    std::array<char, 1000> buffer;
    const ssize_t count = recv(peer.get(), buffer.data(), buffer.size(), 0);
    return count < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(count));
  }

  using TurnsFixture::connect;
  static int connect(int fd, const sockaddr* to, socklen_t size) { return ::connect(fd, to, size); }

  sockaddr_in address{};
  FakeOwner owner;
  std::unique_ptr<Acceptor> acceptor;
};

TEST_F(AcceptorTest, GivesEachConnectionToTheOwnerWithItsAddressAndRole) {
  const Fd first = call();
  const Fd second = call();
  turn();
  ASSERT_EQ(owner.adopted.size(), 2u);
  EXPECT_EQ(owner.families, (std::vector<int>{AF_INET, AF_INET}));
  EXPECT_EQ(owner.roles[0], edge::ListenerRole::api);
  EXPECT_TRUE(fcntl(owner.adopted[0].get(), F_GETFL) & O_NONBLOCK);
}

TEST_F(AcceptorTest, AcceptsAShareInATurnSoThatConnectionsGetTheirs) {
  std::vector<Fd> peers;
  for (int i = 0; i < 100; ++i) peers.push_back(call());
  turn();
  EXPECT_EQ(owner.adopted.size(), 64u);
  turn();
  EXPECT_EQ(owner.adopted.size(), 100u);
}

TEST_F(AcceptorTest, WithoutDescriptorsIdleConnectionsMakeRoom) {
  SKIP_UNDER_SANITIZERS();
  const Fd first = call();
  const Fd second = call();
  turn();
  const Fd third = call();
  owner.is_idle = true;
  {
    const NoDescriptors none;
    turn();
  }
  EXPECT_EQ(owner.asked_for_room, 1);
  ASSERT_EQ(owner.adopted.size(), 1u) << "the third, in place of the others";
  EXPECT_EQ(hear(first), "");
  EXPECT_EQ(log.count("out of file descriptors"), 0u);
}

TEST_F(AcceptorTest, WithoutDescriptorsAndIdleConnectionsOneIsTurnedAwayAndTheOthersWait) {
  SKIP_UNDER_SANITIZERS();
  const Fd first = call();
  const Fd second = call();
  {
    const NoDescriptors none;
    turn();
  }
  EXPECT_TRUE(hear(first).starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(log.count("out of file descriptors"), 1u);
  turn(50ms);
  EXPECT_TRUE(owner.adopted.empty()) << "it pauses";
  turn(60ms);
  turn();
  EXPECT_EQ(owner.adopted.size(), 1u);
}

TEST_F(AcceptorTest, FinishTakesAllThatWaitAndRefusesLaterOnes) {
  std::vector<Fd> peers;
  for (int i = 0; i < 100; ++i) peers.push_back(call());
  acceptor->finish();
  EXPECT_EQ(owner.adopted.size(), 100u);
  EXPECT_FALSE(dial(make_socket()));
  turn();
}

}  // namespace
}  // namespace usher::net
