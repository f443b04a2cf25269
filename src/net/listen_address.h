// Where to listen: `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:80`, `unix:/run/usher.sock`. Port 0:
// the kernel chooses.
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
  bool ipv6_only = false;  // of an IPv6 one: leaves IPv4 on its port to another listener

  bool is_unix() const { return address.ss_family == AF_UNIX; }
  int port() const;
};

// Who may connect to a unix socket.
struct UnixAccess {
  unsigned mode = 0666;
  std::string group;  // empty: of the process
};

// Throws ListenError where there is no such group; "" is fine.
void check_unix_group(const std::string& name);

// Sets ipv6_only where an IPv4 address among `all` has the same port: the kernel would give it to
// the IPv6 one as well.
void share_ports(std::span<ListenAddress* const> all);

// Throws ListenError.
ListenAddress parse_listen_address(std::string_view text);

// `127.0.0.1`, `::1`, or `unix` for a unix socket; IPv4 mapped into IPv6 is written as IPv4.
std::string peer_address_text(const sockaddr_storage& address);

// Makes sure that nobody else holds the address, binds and listens: `count` sockets that share it
// by SO_REUSEPORT (one each shard; a unix socket is shared by all shards as one descriptor, so the
// vector then holds duplicates of it). Port 0 is replaced by the kernel's choice in `address`. A
// stale unix socket file that nobody answers on is removed; the new one has `access`, whatever the
// umask. Throws ListenError.
std::vector<Fd> open_listeners(ListenAddress& address, std::size_t count,
                               const UnixAccess& access = {});

}  // namespace usher::net
