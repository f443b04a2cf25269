#include "net/listen_address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace usher::net {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn

[[noreturn]] void fail_parse(std::string_view text, const char* what) {
  throw ListenError("'" + std::string(text) + "' is not an address to listen on: " + what +
                    "; write 127.0.0.1:8080, [::1]:8080 or unix:/path");
}

std::uint16_t parse_port(std::string_view text, std::string_view port) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    fail_parse(text, "the port must be a number from 0 to 65535");
  }
  return value;
}

void set_unix(ListenAddress& address, std::string_view path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path) {
    fail_parse(address.text, "the path must have 1 to 107 bytes");
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  std::memcpy(&address.address, &name, sizeof name);
  address.size = sizeof name;
}

void set_ipv6(ListenAddress& address, std::string_view rest) {
  const auto bracket = rest.find(']');
  if (bracket == std::string_view::npos || rest.substr(bracket + 1, 1) != ":") {
    fail_parse(address.text, "an IPv6 address needs the form [address]:port");
  }
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(parse_port(address.text, rest.substr(bracket + 2)));
  if (inet_pton(AF_INET6, std::string(rest.substr(0, bracket)).c_str(), &name.sin6_addr) != 1) {
    fail_parse(address.text, "what is in brackets is no IPv6 address");
  }
  std::memcpy(&address.address, &name, sizeof name);
  address.size = sizeof name;
}

void set_ipv4(ListenAddress& address) {
  const std::string_view text = address.text;
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) fail_parse(text, "there is no port");
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(parse_port(text, text.substr(colon + 1)));
  std::string host(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  if (inet_pton(AF_INET, host.c_str(), &name.sin_addr) != 1) {
    fail_parse(text, "what stands before the port is no IPv4 address");
  }
  std::memcpy(&address.address, &name, sizeof name);
  address.size = sizeof name;
}

const sockaddr* raw(const ListenAddress& address) {
  return reinterpret_cast<const sockaddr*>(&address.address);
}

[[noreturn]] void fail_bind(const ListenAddress& address, int error) {
  std::string message = "cannot listen on " + address.text + ": ";
  switch (error) {
    case EADDRINUSE:
      message += "another process already does; stop it or choose another address (see: ss -ltnp)";
      break;
    case EACCES:
      message += "not permitted; ports under 1024 need the capability CAP_NET_BIND_SERVICE";
      break;
    case EADDRNOTAVAIL:
      message += "this machine has no such address";
      break;
    default:
      message += std::strerror(error);
  }
  throw ListenError(message);
}

Fd make_socket(const ListenAddress& address) {
  Fd fd(socket(address.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) fail_bind(address, errno);
  const int one = 1;
  if (!address.is_unix()) {
    // Accepted sockets inherit TCP_NODELAY, which saves a call for each.
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  if (address.address.ss_family == AF_INET6) {
    const int only = address.ipv6_only ? 1 : 0;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  }
  return fd;
}

void bind_or_throw(const Fd& fd, const ListenAddress& address) {
  if (bind(fd.get(), raw(address), address.size) != 0) fail_bind(address, errno);
}

void remove_stale_socket_file(const ListenAddress& address) {
  const auto* name = reinterpret_cast<const sockaddr_un*>(&address.address);
  struct stat status {};
  if (lstat(name->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const Fd probe = make_socket(address);
  // The file is stale only if no process listens on it: a full backlog means that one does.
  if (connect(probe.get(), raw(address), address.size) == 0 || errno != ECONNREFUSED) {
    fail_bind(address, EADDRINUSE);
  }
  unlink(name->sun_path);
}

void listen_or_throw(const Fd& fd, const ListenAddress& address) {
  if (listen(fd.get(), kBacklog) != 0) fail_bind(address, errno);
}

gid_t find_group(const std::string& name) {
  std::vector<char> buffer(16384);
  group entry{};
  group* found = nullptr;
  int error = ERANGE;
  while (error == ERANGE && buffer.size() < (1u << 24)) {
    buffer.resize(buffer.size() * 2);
    error = getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  }
  if (found != nullptr) return found->gr_gid;
  throw ListenError("server.unix_group '" + name +
                    "' is no group of this machine; see: getent group");
}

}  // namespace

void check_unix_group(const std::string& name) {
  if (!name.empty()) find_group(name);
}

namespace {

// Called before listen(): until then no peer can connect.
void give_access(const ListenAddress& address, const UnixAccess& access) {
  const auto* name = reinterpret_cast<const sockaddr_un*>(&address.address);
  if (!access.group.empty() &&
      chown(name->sun_path, static_cast<uid_t>(-1), find_group(access.group)) != 0) {
    const int error = errno;
    unlink(name->sun_path);
    throw ListenError("cannot listen on " + address.text + ": server.unix_group '" + access.group +
                      "': " + std::strerror(error) +
                      "; usher's user must be in that group (usermod -aG, or "
                      "SupplementaryGroups= in the unit)");
  }
  if (chmod(name->sun_path, access.mode) != 0) fail_bind(address, errno);
}

std::vector<Fd> open_unix(const ListenAddress& address, std::size_t count,
                          const UnixAccess& access) {
  remove_stale_socket_file(address);
  std::vector<Fd> listeners;
  listeners.push_back(make_socket(address));
  check_unix_group(access.group);
  bind_or_throw(listeners[0], address);
  give_access(address, access);
  listen_or_throw(listeners[0], address);
  while (listeners.size() < count) {
    listeners.emplace_back(fcntl(listeners[0].get(), F_DUPFD_CLOEXEC, 0));
    if (!listeners.back()) fail_bind(address, errno);
  }
  return listeners;
}

}  // namespace

int ListenAddress::port() const {
  switch (address.ss_family) {
    case AF_INET:
      return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
    case AF_INET6:
      return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
    default:
      return 0;
  }
}

ListenAddress parse_listen_address(std::string_view text) {
  ListenAddress address;
  address.text = text;
  if (text.starts_with("unix:")) {
    set_unix(address, text.substr(5));
  } else if (text.starts_with("[")) {
    set_ipv6(address, text.substr(1));
  } else {
    set_ipv4(address);
  }
  return address;
}

namespace {

// inet_ntop() uses printf, whose cost shows at ten thousand connections a second.
std::string ipv4_text(const in_addr& address) {
  const std::uint32_t bits = ntohl(address.s_addr);
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text.append(std::to_string(bits >> shift & 0xFF));
    if (shift > 0) text += '.';
  }
  return text;
}

}  // namespace

std::string peer_address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    return ipv4_text(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& ip = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&ip)) {
      inet_ntop(AF_INET, &ip.s6_addr[12], text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &ip, text, sizeof text);
    }
  } else {
    return "unix";
  }
  return text;
}

void share_ports(std::span<ListenAddress* const> all) {
  for (ListenAddress* const one : all) {
    if (one->address.ss_family != AF_INET6 || one->port() == 0) continue;
    one->ipv6_only = std::ranges::any_of(all, [&](const ListenAddress* other) {
      return other->address.ss_family == AF_INET && other->port() == one->port();
    });
  }
}

std::vector<Fd> open_listeners(ListenAddress& address, std::size_t count,
                               const UnixAccess& access) {
  if (address.is_unix()) return open_unix(address, count, access);

  // SO_REUSEPORT would share the port with any other process of the same user: bind once without
  // it, to find such a process.
  {
    const Fd probe = make_socket(address);
    bind_or_throw(probe, address);
  }
  std::vector<Fd> listeners;
  for (std::size_t i = 0; i < count; ++i) {
    const int one = 1;
    Fd fd = make_socket(address);
    if (setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0)
      fail_bind(address, errno);
    bind_or_throw(fd, address);
    if (address.port() == 0) {
      getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address.address), &address.size);
      const auto colon = address.text.rfind(':');
      address.text = address.text.substr(0, colon + 1) + std::to_string(address.port());
    }
    listen_or_throw(fd, address);
    listeners.push_back(std::move(fd));
  }
  return listeners;
}

}  // namespace usher::net
