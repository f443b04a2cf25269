// One thread's share of the gateway: its loop, its listeners, its connections.
//
// The loop is Asio's. Accepted sockets are in the shard's own epoll set (poller.h), which is one
// descriptor in that loop: when it turns readable, a turn begins. A turn handles what epoll
// reports, then what other threads have posted, the timers that are due and the connections that go
// on with what they had put by, each kind up to its budget (turn_budget.h); then everything that
// was sent meanwhile leaves, one system call for each socket that has something. What a budget has
// left over is the next turn's, which follows at once.
//
// Threads: run() is the shard's thread; post() and stop() may be called from any; all else from the
// shard's thread. Owns: its connections.  Borrows: what ShardDependencies names. Limits:
// lingering_max sockets that wait for their peer's FIN; half-open connections by address.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/not_reentrant.h"
#include "base/wall_clock.h"
#include "edge/application.h"
#include "limits/half_open.h"
#include "net/body_room.h"
#include "net/congestion.h"
#include "net/flusher.h"
#include "net/listen_address.h"
#include "net/mailbox.h"
#include "net/poller.h"
#include "net/proxied_address.h"
#include "net/timing_wheel.h"
#include "net/tls.h"
#include "net/turn_list.h"
#include "wire/http_rules.h"
#include "wire/ws_message.h"

namespace usher::net {

class Acceptor;
class Connection;

struct ShardOptions {
  Duration head_timeout = std::chrono::seconds(10);  // from accept, or from a request's first byte
  Duration body_timeout = std::chrono::seconds(10);
  Duration keep_alive_timeout = std::chrono::seconds(75);
  Duration goodbye_timeout =
      std::chrono::seconds(10);                       // for what is still to be sent before the end
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
  const TrustedProxies& trusted_proxies;
  Congestion& congestion;
  BodyRoom* body_room = nullptr;  // null: bodies that arrive may occupy any amount
};

class Shard {
 public:
  Shard(ShardOptions options, ShardDependencies dependencies);
  ~Shard();

  // Before run(). The application must outlive the shard's connections.
  void serve(edge::Application& application);
  void listen(Fd listener, edge::ListenerRole role, std::shared_ptr<const TlsContext> tls);

  void run();
  void stop();
  void post(Mailbox::Task task) { mailbox_.post(std::move(task)); }

  // Runs `work` as a turn of the loop: what it sends leaves at its end. For what Asio brings, on
  // this shard's thread; not from within a turn.
  void run_turn(Mailbox::Task work);

  // Says goodbye to every WebSocket, evenly spread over `window`. `done` is called once, on this
  // thread, when the last has left. New callers are still accepted: the application answers them,
  // and each answer is the last on its connection.
  void drain(Duration window, Mailbox::Task done);

  // After drain(), and the last thing before stop(): takes who is waiting to be accepted, then
  // nobody any more; `done` is called when they have been answered.
  void finish(Mailbox::Task done);

  // Every connection ends, unannounced. Once run() has returned.
  void close_all();

  // New connections on TLS listeners use `tls`.
  void set_tls(std::shared_ptr<const TlsContext> tls);

  boost::asio::io_context& io() { return io_; }

  // How what is to be sent leaves.
  const BatchSender& sender() const { return flusher_.sender(); }

  // ---- for Acceptor and Connection ----
  const ShardOptions& options() const { return options_; }
  const ShardDependencies& dependencies() const { return dependencies_; }
  edge::Application& application() { return *application_; }
  Poller& poller() { return poller_; }
  TimingWheel& wheel() { return wheel_; }
  TimePoint now() const { return now_; }  // of this turn of the loop
  bool is_draining() const { return drain_ != nullptr; }
  // Somebody is behind: nothing is read from clients for now.
  bool is_held_up() const { return dependencies_.congestion.any(); }
  bool was_held_up_since(TimePoint time) const { return held_up_at_ >= time; }

  void adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role, const TlsContext* tls);
  // Connection::flush() at the end of this turn, once however often it is asked for.
  void flush_later(Connection& connection);
  // Connection::run() in a turn of its own, once however often it is asked for.
  void run_later(Connection& connection);
  void retire(Connection& connection);  // destroyed when no batch and no list knows it any more
  // Something in usher itself was not as it must be: logged and counted.
  void report(const std::exception& broken);
  const NotReentrant& flushing() const { return flushing_; }
  // Closes up to `count` HTTP connections that are between two requests. False: there is none.
  bool give_up_idle(std::size_t count);
  bool may_linger();
  void end_linger() { --lingering_; }

  // Where every connection receives: wire::kSpareBytes behind it are readable.
  std::span<char> receive_buffer() { return std::span(receive_buffer_).first(kReceiveBytes); }

  JoinBuffer& join_buffer() { return flusher_.join_buffer(); }

 private:
  static constexpr std::size_t kReceiveBytes = 64 * 1024;
  static constexpr int kBatchesPerTurn = 8;

  void wait_for_events();
  void wait_for_deadline();
  void turn();
  void handle_sockets();
  void end_turn();
  void begin_next();
  void turn_again(Duration after);
  void advance_timers();
  void run_waiting();
  void flush();
  void bury_retired();
  void drain_on(TimePoint now);
  void finish_on(TimePoint now);

  ShardOptions options_;
  ShardDependencies dependencies_;
  edge::Application* application_ = nullptr;
  TimePoint now_;
  TimingWheel wheel_;
  Poller poller_;
  Mailbox mailbox_;
  boost::asio::io_context io_;
  boost::asio::posix::stream_descriptor events_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer next_turn_;
  TimePoint armed_for_ = TimePoint::max();
  std::shared_ptr<const TlsContext> tls_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::unique_ptr<Connection>> connections_;
  FlushList to_flush_;
  RunList to_run_;
  Flusher flusher_;
  NotReentrant flushing_;
  std::vector<std::unique_ptr<Connection>> retired_;
  std::size_t lingering_ = 0;
  TimePoint held_up_at_ = TimePoint::min();
  bool has_more_ = false;  // work that a budget has left over
  bool waits_for_events_ = false;
  bool turn_awaited_ = false;

  struct Drain;
  std::unique_ptr<Drain> drain_;
  struct Finish;
  std::unique_ptr<Finish> finish_;
  struct Heartbeat;
  std::unique_ptr<Heartbeat> heartbeat_;

  std::array<char, kReceiveBytes + wire::kSpareBytes> receive_buffer_{};
};

}  // namespace usher::net
