// Everything that the sockets of one shard share: options, dependencies, the application, the epoll
// set, the timers, the time of this turn, the lists of connections that wait for a step of the
// loop, and the buffers. It decides nothing and runs no loop: shard.h does.
//
// Threads: belongs to its shard.  Borrows: the members of ShardDependencies, the application, and
// the owner of the connections.  Limits: lingering_max sockets that wait for their peer's FIN.
#pragma once

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/log.h"
#include "base/not_reentrant.h"
#include "base/wall_clock.h"
#include "edge/application.h"
#include "limits/half_open.h"
#include "net/batch_sender.h"
#include "net/body_room.h"
#include "net/congestion.h"
#include "net/connection_owner.h"
#include "net/delayed_flushes.h"
#include "net/join_buffer.h"
#include "net/poller.h"
#include "net/proxied_address.h"
#include "net/timing_wheel.h"
#include "net/turn_list.h"
#include "wire/http_rules.h"
#include "wire/ws_message.h"

namespace usher::net {

struct ShardOptions {
  Duration head_timeout = std::chrono::seconds(10);  // from accept, or from a request's first byte
  Duration body_timeout = std::chrono::seconds(10);
  Duration keep_alive_timeout = std::chrono::seconds(75);
  Duration goodbye_timeout =
      std::chrono::seconds(10);                       // for the bytes that wait when the end begins
  Duration linger_timeout = std::chrono::seconds(2);  // then, for the peer's FIN
  std::size_t lingering_max = 1024;
  std::size_t outbox_bytes_max = 1 << 20;
  std::size_t message_bytes_max = 65536;
  std::size_t head_bytes_max = wire::kHttpHeadBytesMax;
  bool binary = false;  // accept binary messages
  BatchSender::Way sends = BatchSender::Way::io_uring;
};

struct ShardDependencies {
  const Clock& clock;
  const WallClock& wall_clock;
  Log& log;
  limits::HalfOpen& half_open;
  const TrustedProxies& trusted_proxies;  // until ShardContext::set()
  Congestion& congestion;
  BodyRoom* body_room = nullptr;  // null: bodies that arrive may occupy any amount
};

class UpstreamAddresses;

class ShardContext {
 public:
  ShardContext(ShardOptions options, ShardDependencies dependencies);

  // Both must be set before the first connection.
  void set_application(edge::Application& application) { application_ = &application; }
  void set_owner(ConnectionOwner& owner) { owner_ = &owner; }
  // Must be set before the first tunnel.
  void set_upstreams(UpstreamAddresses& upstreams) { upstreams_ = &upstreams; }

  const ShardOptions& options() const { return options_; }
  const ShardDependencies& dependencies() const { return dependencies_; }
  const TrustedProxies& trusted_proxies() const {
    return newer_proxies_ ? *newer_proxies_ : dependencies_.trusted_proxies;
  }

  // New connections and requests have these. `sends` stays as it was.
  void set(const ShardOptions& options, std::shared_ptr<const TrustedProxies> proxies) {
    options_ = options;
    newer_proxies_ = std::move(proxies);
  }
  edge::Application& application() { return *application_; }
  ConnectionOwner& owner() { return *owner_; }
  UpstreamAddresses& upstreams() { return *upstreams_; }
  Poller& poller() { return poller_; }
  TimingWheel& wheel() { return wheel_; }

  // The time of this turn of the loop. read_clock() sets it, once in a turn.
  TimePoint now() const { return now_; }
  void read_clock() { now_ = dependencies_.clock.now(); }

  // Each HTTP answer is the last on its connection from now on.
  void begin_draining() { draining_ = true; }
  bool is_draining() const { return draining_; }

  // Some shard is behind: nothing is read from clients meanwhile.
  bool is_held_up() const { return dependencies_.congestion.any(); }
  void note_held_up() { held_up_at_ = now_; }
  bool was_held_up_since(TimePoint time) const { return held_up_at_ >= time; }

  // Sockets whose AcceptedSocket::flush() is called at the end of this turn.
  FlushList& to_flush() { return to_flush_; }
  // Sockets that may be flushed later.
  DelayedFlushes& delayed_flushes() { return delayed_flushes_; }
  // Connections whose Connection::run() is called in a turn of their own.
  RunList& to_run() { return to_run_; }
  // Guards the shard's writing: no code of a session runs meanwhile.
  NotReentrant& flushing() { return flushing_; }

  // Takes a place among the sockets that linger. Returns false if all lingering_max places are
  // taken.
  bool may_linger();
  void end_linger() { --lingering_; }

  // An invariant of usher is broken: logs and counts it.
  void report(const std::exception& broken);

  // The buffer that every connection receives into. wire::kSpareBytes behind it are readable.
  std::span<char> receive_buffer() { return std::span(receive_buffer_).first(kReceiveBytes); }
  JoinBuffer& join_buffer() { return join_buffer_; }

 private:
  static constexpr std::size_t kReceiveBytes = 64 * 1024;

  ShardOptions options_;
  ShardDependencies dependencies_;
  std::shared_ptr<const TrustedProxies> newer_proxies_;
  edge::Application* application_ = nullptr;
  ConnectionOwner* owner_ = nullptr;
  UpstreamAddresses* upstreams_ = nullptr;
  TimePoint now_;
  TimePoint held_up_at_ = TimePoint::min();
  bool draining_ = false;
  std::size_t lingering_ = 0;
  TimingWheel wheel_;
  Poller poller_;
  FlushList to_flush_;
  DelayedFlushes delayed_flushes_;
  RunList to_run_;
  NotReentrant flushing_;
  JoinBuffer join_buffer_;
  std::array<char, kReceiveBytes + wire::kSpareBytes> receive_buffer_{};
};

}  // namespace usher::net
