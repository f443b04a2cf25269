#include "net/connection_table.h"

#include <utility>

#include "net/connection.h"
#include "net/http_connection.h"
#include "net/listen_address.h"
#include "net/tls.h"
#include "net/tunnel.h"

namespace usher::net {

ConnectionTable::ConnectionTable(ShardContext& context) : context_(context) {
  context_.set_owner(*this);
}

void ConnectionTable::adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role,
                            const TlsContext* tls) {
  auto http = HttpConnection::make(context_, peer_address_text(peer), role, tls != nullptr);
  if (!http) return;  // its address has too many half-open connections
  auto session = tls != nullptr ? std::make_unique<TlsSession>(*tls, fd.get()) : nullptr;
  auto connection = std::make_unique<Connection>(
      context_, Socket(std::move(fd), std::move(session)), std::move(http));
  Connection& adopted = *connection;
  add(std::move(connection));
  if (!adopted.start()) {
    context_.dependencies().log.error(
        "the kernel refuses to watch another socket (fs.epoll.max_user_watches)");
    adopted.abandon();
  }
}

void ConnectionTable::adopt_tunnel(Socket socket, const edge::TunnelOpening& opening,
                                   std::span<const char> first_bytes) {
  auto tunnel = std::make_unique<Tunnel>(context_, std::move(socket));
  Tunnel& adopted = *tunnel;
  add(std::move(tunnel));
  adopted.start(opening, first_bytes);
}

void ConnectionTable::add(std::unique_ptr<AcceptedSocket> connection) {
  connection->set_index(connections_.size());
  connections_.push_back(std::move(connection));
}

void ConnectionTable::retire(AcceptedSocket& connection) {
  const std::size_t index = connection.index();
  retired_.push_back(std::move(connections_[index]));
  if (index + 1 != connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->set_index(index);
  }
  connections_.pop_back();
}

bool ConnectionTable::give_up_idle(std::size_t count) {
  const std::size_t before = connections_.size();
  for (std::size_t i = before; i-- > 0 && before - connections_.size() < count;) {
    if (connections_[i]->is_idle_http()) connections_[i]->abandon();  // the last takes its place
  }
  return connections_.size() < before;
}

void ConnectionTable::bury_retired() {
  std::erase_if(retired_, [](const auto& connection) { return !connection->is_listed(); });
}

void ConnectionTable::clear() {
  for (auto& connection : connections_) connection.reset();
  connections_.clear();
}

}  // namespace usher::net
