#include "node/supervisor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "net/fd.h"

namespace usher::node {
namespace {

TEST(SupervisorTest, WithoutOneNothingHappens) {
  EXPECT_FALSE(tell_supervisor(nullptr, kSupervisorReady));
  EXPECT_FALSE(tell_supervisor("", kSupervisorReady));
  EXPECT_FALSE(tell_supervisor("relative", kSupervisorReady));
  EXPECT_FALSE(tell_supervisor("/nowhere/at/all", kSupervisorReady));
  EXPECT_FALSE(tell_supervisor(("/" + std::string(200, 'x')).c_str(), kSupervisorReady));
}

TEST(SupervisorTest, AnAbstractSocketGetsTheState) {
  const net::Fd listener(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  // The kernel chooses a name of five digits behind the zero byte.
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::string path(address.sun_path, size - sizeof(sa_family_t));
  path[0] = '@';
  EXPECT_TRUE(tell_supervisor(path.c_str(), kSupervisorReady));
  char received[64];
  const ssize_t count = recv(listener.get(), received, sizeof received, 0);
  ASSERT_GT(count, 0);
  EXPECT_EQ(std::string(received, static_cast<std::size_t>(count)), "READY=1");
}

}  // namespace
}  // namespace usher::node
