// Accepts connections on one listening socket and gives them to the shard's ConnectionOwner.
//
// When descriptors run out (EMFILE), idle keep-alive connections are closed first. If there are
// none, a reserve descriptor is freed to accept one connection, answer it with 503, and close it.
// Then accepting pauses, because the level-triggered listening socket would be reported again at
// once.
//
// Threads: belongs to one shard.
#pragma once

#include <memory>

#include "edge/exchange.h"
#include "net/fd.h"
#include "net/poller.h"
#include "net/timing_wheel.h"
#include "net/tls.h"

namespace usher::net {

class ShardContext;

class Acceptor final : public Pollable, public TimingWheel::Timer {
 public:
  // `tls` is null for a plain listening socket.
  Acceptor(ShardContext& shard, Fd listener, edge::ListenerRole role,
           std::shared_ptr<const TlsContext> tls);

  void set_tls(std::shared_ptr<const TlsContext> tls) {
    if (tls_) tls_ = std::move(tls);
  }

  // Accepts all connections that wait, and closes the listening socket. So no connection in its
  // queue is reset without an answer.
  void finish();

 private:
  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;
  bool accept_one();
  void turn_one_away();

  ShardContext& shard_;
  Fd listener_;
  Fd reserve_;
  edge::ListenerRole role_;
  std::shared_ptr<const TlsContext> tls_;
};

}  // namespace usher::net
