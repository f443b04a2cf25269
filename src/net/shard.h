// One thread's share of the node: its loop, its listening sockets, its connections.
//
// The loop is Asio's. Accepted sockets are in the shard's own epoll set (poller.h), which is one
// descriptor in that loop: when it becomes readable, a turn begins. A turn handles the events of
// epoll, then the tasks of the mailbox, the timers that are due, and the connections that go on
// with bytes they had put by, each kind up to its budget (turn_budget.h). Then all that was sent
// meanwhile is written (flusher.h). Work that a budget leaves over is done in the next turn, which
// follows at once.
//
// Threads: run() is the shard's thread; post() and stop() may be called from any; all others from
// the shard's thread.  Owns: its connections.  Borrows: the members of ShardDependencies.
// Limits: those of ShardOptions; half-open connections by address.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "edge/application.h"
#include "net/connection_table.h"
#include "net/flusher.h"
#include "net/mailbox.h"
#include "net/shard_context.h"
#include "net/tls.h"
#include "net/upstream_addresses.h"

namespace usher::net {

class Acceptor;

class Shard {
 public:
  Shard(ShardOptions options, ShardDependencies dependencies);
  ~Shard();

  // To be called before run(). The application must outlive the shard's connections.
  void serve(edge::Application& application);
  // The upstreams that tunnels name by their place in `targets`. `trust` (OpenSSL's SSL_CTX, for
  // those with TLS) must outlive the shard. To be called before run(), at most once.
  void reach(std::vector<UpstreamTarget> targets, SSL_CTX* trust);
  void listen(Fd listener, edge::ListenerRole role, std::shared_ptr<const TlsContext> tls);

  void run();
  void stop();
  void post(Mailbox::Task task) { mailbox_.post(std::move(task)); }

  // Runs `work` as a turn of the loop: what it sends is written at the end. For events of Asio, on
  // this shard's thread. Requires: no turn is under way.
  void run_turn(Mailbox::Task work);

  // Says goodbye to every WebSocket, evenly spread over `window`. Calls `done` once, on this
  // thread, when the last has closed. New connections are still accepted: the application answers
  // them, and each answer is the last on its connection.
  void drain(Duration window, Mailbox::Task done);

  // The last step before stop(), after drain(): accepts the connections that wait, and then none
  // any more. Calls `done` when they have been answered.
  void finish(Mailbox::Task done);

  // Destroys every connection, unannounced. Requires: run() has returned.
  void close_all();

  // New connections on TLS listening sockets use `tls`.
  void set_tls(std::shared_ptr<const TlsContext> tls);

  // See ShardContext::set().
  void set(const ShardOptions& options, std::shared_ptr<const TrustedProxies> proxies) {
    context_.set(options, std::move(proxies));
  }

  boost::asio::io_context& io() { return io_; }

  // Some shard is behind: nothing is read from clients meanwhile.
  bool is_held_up() const { return context_.is_held_up(); }

  // Which way of sending is used, and why not another.
  const BatchSender& sender() const { return flusher_.sender(); }

  // Makes a connection of an accepted socket, as an Acceptor does.
  void adopt(Fd fd, const sockaddr_storage& peer, edge::ListenerRole role, const TlsContext* tls) {
    connections_.adopt(std::move(fd), peer, role, tls);
  }

 private:
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
  void drain_on(TimePoint now);
  void finish_on(TimePoint now);

  ShardContext context_;
  Mailbox mailbox_;
  boost::asio::io_context io_;
  boost::asio::posix::stream_descriptor events_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer next_turn_;
  TimePoint armed_for_ = TimePoint::max();
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unique_ptr<UpstreamAddresses> upstreams_;  // null: none
  ConnectionTable connections_;
  Flusher flusher_;
  bool has_more_ = false;  // a budget has left work over
  bool waits_for_events_ = false;
  bool turn_awaited_ = false;

  struct Drain;
  std::unique_ptr<Drain> drain_;
  struct Finish;
  std::unique_ptr<Finish> finish_;
  struct Heartbeat;
  std::unique_ptr<Heartbeat> heartbeat_;
};

}  // namespace usher::net
