// All connections of one shard, from adopt() to their end.
//
// A connection that closes leaves the table at once, but is destroyed later, in bury_retired(): the
// present batch of events, or a list of the loop, may still refer to it.
//
// Threads: belongs to its shard.  Owns: the connections.  Borrows: the shard's context.
#pragma once

#include <memory>
#include <vector>

#include "net/connection.h"
#include "net/connection_owner.h"
#include "net/shard_context.h"

namespace usher::net {

class ConnectionTable final : public ConnectionOwner {
 public:
  // Becomes the owner in `context`.
  explicit ConnectionTable(ShardContext& context);

  void adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role,
             const TlsContext* tls) override;
  void retire(Connection& connection) override;
  bool give_up_idle(std::size_t count) override;

  // Destroys the retired connections that no list refers to. Requires that no batch of events is
  // being handled.
  void bury_retired();

  // Destroys every connection, unannounced.
  void clear();

  std::size_t size() const { return connections_.size(); }
  auto begin() const { return connections_.begin(); }
  auto end() const { return connections_.end(); }

 private:
  ShardContext& context_;
  std::vector<std::unique_ptr<Connection>> connections_;  // each knows its index
  std::vector<std::unique_ptr<Connection>> retired_;
};

}  // namespace usher::net
