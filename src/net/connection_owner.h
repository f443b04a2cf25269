// Makes connections of accepted sockets, and takes connections back when they have closed.
//
// Threads: belongs to one shard.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <span>

#include "edge/exchange.h"
#include "edge/tunnel.h"
#include "net/fd.h"
#include "net/socket.h"

namespace usher::net {

class AcceptedSocket;
class TlsContext;

class ConnectionOwner {
 public:
  // Makes a connection of an accepted socket, or closes it. `tls` is null for a plain connection.
  virtual void adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role,
                     const TlsContext* tls) = 0;

  // Makes a tunnel of the socket of an upgrade request. `first_bytes` came behind the request.
  virtual void adopt_tunnel(Socket socket, const edge::TunnelOpening& opening,
                            std::span<const char> first_bytes) = 0;

  // The connection has closed its socket. It is destroyed later, when no batch of events and no
  // list refers to it any more.
  virtual void retire(AcceptedSocket& connection) = 0;

  // Closes up to `count` HTTP connections that are between two requests. Returns false if there is
  // none.
  virtual bool give_up_idle(std::size_t count) = 0;

 protected:
  ~ConnectionOwner() = default;
};

}  // namespace usher::net
