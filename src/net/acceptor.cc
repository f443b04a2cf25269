#include "net/acceptor.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>

#include "base/check.h"
#include "net/connection_owner.h"
#include "net/shard_context.h"

namespace usher::net {
namespace {

constexpr int kAcceptsPerEvent = 64;      // then connections that exist get their turn
constexpr int kAcceptsAtTheEnd = 4096;    // at least as many as the kernel may have queued
constexpr std::size_t kIdleGivenUp = 64;  // at a time: each search looks at all connections
constexpr Duration kPause = std::chrono::milliseconds(100);
constexpr std::string_view kNoDescriptors =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: "
    "close\r\n\r\n";

Fd open_reserve() { return Fd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Acceptor::Acceptor(ShardContext& shard, Fd listener, edge::ListenerRole role,
                   std::shared_ptr<const TlsContext> tls)
    : shard_(shard),
      listener_(std::move(listener)),
      reserve_(open_reserve()),
      role_(role),
      tls_(std::move(tls)) {
  USHER_CHECK(shard_.poller().add(listener_.get(), EPOLLIN, *this));
}

void Acceptor::on_events(std::uint32_t) {
  for (int i = 0; i < kAcceptsPerEvent && listener_ && accept_one(); ++i) {
  }
}

bool Acceptor::accept_one() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  Fd fd(accept4(listener_.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd) {
    shard_.owner().adopt(std::move(fd), peer, role_, tls_.get());
    return true;
  }
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      if (shard_.owner().give_up_idle(kIdleGivenUp)) return true;
      turn_one_away();
      return false;
    case EAGAIN:
      return false;
    default:
      return true;  // this peer has left again (ECONNABORTED and the like); there may be others
  }
}

void Acceptor::turn_one_away() {
  reserve_.reset();
  if (const Fd fd{accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      fd && !tls_) {
    send(fd.get(), kNoDescriptors.data(), kNoDescriptors.size(), MSG_NOSIGNAL);
    shutdown(fd.get(), SHUT_WR);
  }
  reserve_ = open_reserve();
  shard_.dependencies().log.error(
      "out of file descriptors: new connections wait; raise the limit (ulimit -n)");
  USHER_CHECK(shard_.poller().modify(listener_.get(), 0, *this));
  shard_.wheel().arm(*this, shard_.now() + kPause);
}

void Acceptor::on_deadline(TimePoint) {
  USHER_CHECK(shard_.poller().modify(listener_.get(), EPOLLIN, *this));
}

void Acceptor::finish() {
  for (int i = 0; i < kAcceptsAtTheEnd && accept_one(); ++i) {
  }
  shard_.wheel().cancel(*this);
  listener_.reset();
}

}  // namespace usher::net
