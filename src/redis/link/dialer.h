// Keeps one connection to the master up: asks the sentinels where it is, dials, shakes hands, and
// starts over after a delay whenever that fails or the connection is lost (dialer_state.h).
//
// An attempt ends after connect_timeout, handshake included. Each attempt asks the sentinels again,
// and so follows a failover: the former master refuses writes, is closed by its sentinel, or
// reports in the handshake that it is a replica now.
//
// Threads: the loop's. Owns: the connection. Borrows: the listener and the objects in Dependencies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/unique_function.h"
#include "redis/link/backoff.h"
#include "redis/link/connection.h"
#include "redis/link/dialer_state.h"
#include "redis/link/handshake.h"
#include "redis/link/health.h"
#include "redis/link/later.h"
#include "redis/link/url.h"

namespace usher::redis {

// Where the master is.
struct Destination {
  Address address;                                   // with sentinels, they tell its host and port
  std::vector<Address> sentinels;                    // empty: `address` is the master
  std::string master;                                // its name among the sentinels
  std::shared_ptr<boost::asio::ssl::context> trust;  // null unless an address needs TLS

  bool uses_tls() const;
};

struct DialerOptions {
  Duration connect_timeout = std::chrono::seconds(1);
  Duration sentinel_timeout = std::chrono::milliseconds(300);  // for each sentinel's answer
  ReplyLimits replies;
};

// Runs the work at once, as one turn of the loop: messages for clients leave at its end.
using Turn = std::function<void(UniqueFunction<void()>)>;

struct Dependencies {
  boost::asio::io_context& io;
  const Clock& clock;
  Entropy& entropy;
  Health& health;
  Turn turn = [](UniqueFunction<void()> work) { work(); };
  std::function<bool()> held_up = {};  // while true, nothing is read; empty: never
};

class Dialer final : private Connection::Listener {
 public:
  // Called within Dependencies::turn, never inline; but fail() calls on_down() inline.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_up() = 0;
    virtual void on_answers(std::vector<Reply> replies) = 0;
    virtual void on_down() = 0;
  };

  Dialer(DialerOptions options, Destination destination, Dependencies dependencies,
         Dialer::Listener& listener);
  ~Dialer() override;
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  void start();

  bool is_up() const { return state_ == DialerState::up; }
  const Server& server() const { return server_; }                 // empty: not up
  std::uint64_t connections() const { return connections_; }       // that came up so far
  void send(std::string_view bytes) { connection_->send(bytes); }  // requires is_up()
  bool has_unread() const { return connection_->has_unread(); }    // likewise

  // Ends the connection. `reason` goes to the log. Requires: is_up().
  void fail(std::string_view reason);

 private:
  void on_open() override;
  void on_replies(std::vector<Reply> replies) override;
  void on_broken(std::string reason) override;
  bool is_held_up() const override { return dependencies_.held_up && dependencies_.held_up(); }

  void enter(DialerEvent event);
  void broken(std::string_view reason);
  std::string last_words() const;
  void attempt();
  void ask_sentinel(DialerEvent event);
  void hear_sentinel();
  void sentinel_failed(std::string_view reason);
  void greet(Address address, DialerEvent event);
  void hear_greeting();
  void on_timer();
  void open(Address address);
  void drop();
  void attempt_failed(std::string_view reason);
  void lost(std::string_view reason);

  const DialerOptions options_;
  const Destination destination_;
  const Dependencies dependencies_;
  Dialer::Listener& listener_;
  Backoff backoff_;
  Later timer_;   // the deadline of asking and greeting; the delay of waiting
  Later stable_;  // when the connection is old enough for the backoff to start over
  DialerState state_ = DialerState::idle;  // changed by enter() alone
  std::shared_ptr<Connection> connection_;
  Address address_;                 // of `connection_`
  std::vector<Reply> heard_;        // the answers to the state's commands so far
  std::size_t awaited_ = 0;         // the number of answers that are expected
  std::size_t sentinel_ = 0;        // the sentinel that is asked next
  std::size_t sentinels_left_ = 0;  // in this attempt
  Server server_;
  std::uint64_t connections_ = 0;
};

}  // namespace usher::redis
