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

namespace usher::net {

class Acceptor;

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

  // Some shard is behind: nothing is read from clients meanwhile.
  bool is_held_up() const { return context_.is_held_up(); }

  // How what is to be sent leaves.
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
  std::shared_ptr<const TlsContext> tls_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  ConnectionTable connections_;
  Flusher flusher_;
  bool has_more_ = false;  // work that a budget has left over
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
