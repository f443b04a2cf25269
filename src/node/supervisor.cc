#include "node/supervisor.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "net/fd.h"

namespace usher::node {

bool tell_supervisor(const char* socket_path, std::string_view state) {
  const std::string_view path = socket_path != nullptr ? socket_path : "";
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) return false;
  if (path.front() != '/' && path.front() != '@') return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());

  const net::Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  // One that does not read must hold up neither the start nor the end.
  const timeval patience{.tv_sec = 0, .tv_usec = 500'000};
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                reinterpret_cast<const sockaddr*>(&address),
                size) == static_cast<ssize_t>(state.size());
}

}  // namespace usher::node
