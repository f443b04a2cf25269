// Makes connections of accepted sockets, and takes connections back when they have closed.
//
// Threads: belongs to one shard.
#pragma once

#include <sys/socket.h>

#include <cstddef>

#include "edge/exchange.h"
#include "net/fd.h"

namespace usher::net {

class Connection;
class TlsContext;

class ConnectionOwner {
 public:
  // Makes a connection of an accepted socket, or closes it. `tls` is null for a plain connection.
  virtual void adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role,
                     const TlsContext* tls) = 0;

  // The connection has closed its socket. It is destroyed later, when no batch of events and no
  // list refers to it any more.
  virtual void retire(Connection& connection) = 0;

  // Closes up to `count` HTTP connections that are between two requests. Returns false if there is
  // none.
  virtual bool give_up_idle(std::size_t count) = 0;

 protected:
  ~ConnectionOwner() = default;
};

}  // namespace usher::net
