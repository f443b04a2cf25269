// All connections of one shard, from adopt() to their end.
//
// A connection that closes leaves the table at once, but is destroyed later, in bury_retired(): the
// present batch of events, or a list of the loop, may still refer to it.
//
// Threads: belongs to its shard.  Owns: the connections.  Borrows: the shard's context.
#pragma once

#include <memory>
#include <vector>

#include "net/accepted_socket.h"
#include "net/connection_owner.h"
#include "net/shard_context.h"

namespace usher::net {

class ConnectionTable final : public ConnectionOwner {
 public:
  // Becomes the owner in `context`.
  explicit ConnectionTable(ShardContext& context);

  void adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role,
             const TlsContext* tls) override;
  void adopt_tunnel(Socket socket, const edge::TunnelOpening& opening,
                    std::span<const char> first_bytes) override;
  void retire(AcceptedSocket& connection) override;
  bool give_up_idle(std::size_t count) override;

  // Destroys the retired connections that no list refers to. Requires that no batch of events is
  // being handled.
  void bury_retired();

  // Destroys every connection, unannounced.
  void clear();

  std::size_t size() const { return connections_.size(); }
  // A loop whose body may close the connection must count down: retire() puts the last in its place.
  AcceptedSocket& at(std::size_t index) const { return *connections_[index]; }
  auto begin() const { return connections_.begin(); }
  auto end() const { return connections_.end(); }

 private:
  void add(std::unique_ptr<AcceptedSocket> connection);

  ShardContext& context_;
  std::vector<std::unique_ptr<AcceptedSocket>> connections_;  // each knows its index
  std::vector<std::unique_ptr<AcceptedSocket>> retired_;
};

}  // namespace usher::net
