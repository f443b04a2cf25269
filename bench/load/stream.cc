#include "bench/load/stream.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace usher::bench {
namespace {

// Well below the ports of one address, so that those in TIME_WAIT have time to come free.
constexpr std::size_t kPortsPerSource = 12'000;
constexpr std::uint32_t kSources = 64;

}  // namespace

void Address::bind_source(int fd, std::size_t index) const {
  if (where_.ss_family != AF_INET || index < kPortsPerSource) return;
  const auto& to = reinterpret_cast<const sockaddr_in&>(where_);
  if (ntohl(to.sin_addr.s_addr) >> 24 != 127) return;
  const auto step = static_cast<std::uint32_t>(index / kPortsPerSource) % kSources;
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + step);
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  // Failing: the usual address.
  static_cast<void>(bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from));
}

void Stream::open(const Address& address, std::size_t index) {
  close();
  ++life_;
  connected_ = false;
  const sockaddr_storage& to = address.where();
  fd_ = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const socklen_t size = to.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (fd_ >= 0) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    address.bind_source(fd_, index);
  }
  if (fd_ < 0 ||
      (connect(fd_, reinterpret_cast<const sockaddr*>(&to), size) != 0 && errno != EINPROGRESS)) {
    const std::string why = std::strerror(errno);
    loop_.at_end_of_turn([this, life = life_, why] {
      if (life == life_) lose(why);
    });
    return;
  }
  loop_.watch(fd_, *this);
}

void Stream::write(std::string_view bytes) {
  if (fd_ < 0) return;
  if (!connected_ || !pending_.empty()) {
    pending_.append(bytes);
    return;
  }
  const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  // What is wrong with the socket is told by its next event.
  const auto taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  pending_.append(bytes.substr(taken));
}

void Stream::close(bool reset) {
  if (fd_ < 0) return;
  if (reset) {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::close(std::exchange(fd_, -1));
  pending_.clear();
  ++life_;
}

void Stream::on_ready(std::uint32_t events) {
  if (fd_ < 0) return;
  const std::uint32_t life = life_;
  const bool ended = (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;
  if (!connected_ && (events & EPOLLOUT) != 0 && (events & (EPOLLERR | EPOLLHUP)) == 0) {
    connected_ = true;
    listener_.on_connected();
  }
  if (life == life_ && connected_ && (events & EPOLLOUT) != 0) write_pending();
  if (life == life_ && ((events & EPOLLIN) != 0 || ended)) read_available(ended);
}

void Stream::write_pending() {
  if (pending_.empty()) return;
  const std::string bytes = std::exchange(pending_, {});
  write(bytes);
}

// Edge-triggered: a read that does not fill the buffer was the last, unless the peer has ended.
void Stream::read_available(bool to_the_end) {
  const std::uint32_t life = life_;
  const std::span<char> buffer = loop_.receive_buffer();
  for (;;) {
    const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
    if (count == 0) return lose("the server ended the connection");
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      return lose(std::strerror(errno));
    }
    const auto bytes = static_cast<std::size_t>(count);
    listener_.on_bytes(buffer.first(bytes));
    if (life != life_) return;
    if (bytes < buffer.size() && !to_the_end) return;
  }
}

void Stream::lose(std::string_view why) {
  const std::string reason(why);
  close();
  listener_.on_lost(reason);
}

}  // namespace usher::bench
