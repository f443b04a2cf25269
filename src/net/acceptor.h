// Takes new connections from one listening socket and gives them to its shard.
//
// When descriptors run out (EMFILE) those make room who only keep a connection warm. Where there
// are none, a reserve is given up to take the next caller, tell it 503, and close; then accepting
// pauses, because a level-triggered listener with nobody to serve would spin.
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
  // `tls` is null for a plain listener.
  Acceptor(ShardContext& shard, Fd listener, edge::ListenerRole role,
           std::shared_ptr<const TlsContext> tls);

  void set_tls(std::shared_ptr<const TlsContext> tls) {
    if (tls_) tls_ = std::move(tls);
  }

  // Takes what is waiting to be accepted, and closes the listener: nobody is left in its queue, to
  // be reset without an answer.
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
