// An address to listen on: `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:80`, `unix:/run/usher.sock`.
// For port 0 the kernel chooses one.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "net/fd.h"

namespace usher::net {

// The operator's fault; what() is one sentence that says what to do.
class ListenError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ListenAddress {
  std::string text;  // as configured
  sockaddr_storage address{};
  socklen_t size = 0;
  bool ipv6_only = false;  // IPv6: leaves IPv4 on its port to another listening socket

  bool is_unix() const { return address.ss_family == AF_UNIX; }
  int port() const;
};

// Which users may connect to a unix socket.
struct UnixAccess {
  unsigned mode = 0666;
  std::string group;  // empty: the group of the process
};

// Throws ListenError if there is no such group. "" is allowed.
void check_unix_group(const std::string& name);

// Sets ipv6_only where an IPv4 address among `all` has the same port. Otherwise the kernel would
// bind the IPv6 socket to both.
void share_ports(std::span<ListenAddress* const> all);

// Throws ListenError.
ListenAddress parse_listen_address(std::string_view text);

// Returns `127.0.0.1`, `::1`, or `unix` for a unix socket. IPv4 mapped into IPv6 is written as
// IPv4.
std::string peer_address_text(const sockaddr_storage& address);

// Makes sure that no other process holds the address, binds, and listens. Returns `count` sockets
// that share it by SO_REUSEPORT, one for each shard. All shards share one unix socket: the vector
// then holds duplicates of its descriptor. Port 0 is replaced by the kernel's choice in `address`.
// A stale unix socket file, on which no process listens, is removed; the new one has `access`,
// whatever the umask. Throws ListenError.
std::vector<Fd> open_listeners(ListenAddress& address, std::size_t count,
                               const UnixAccess& access = {});

}  // namespace usher::net
