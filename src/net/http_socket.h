// An accepted socket that begins with HTTP, as HttpConnection knows it.
//
// Threads: belongs to its shard.
#pragma once

#include <span>
#include <string>

#include "edge/session.h"
#include "edge/tunnel.h"
#include "net/accepted_socket.h"

namespace usher::net {

class HttpSocket : public AcceptedSocket {
 public:
  using AcceptedSocket::AcceptedSocket;

  // The request has become a WebSocket. `first_bytes` came behind it.
  virtual void upgrade(const edge::Opening& opening, std::string switching_protocols,
                       std::span<const char> first_bytes) = 0;
  // The same for a tunnel: another object takes the socket over, and this one is retired.
  virtual void become_tunnel(const edge::TunnelOpening& opening,
                             std::span<const char> first_bytes) = 0;
};

}  // namespace usher::net
