// Keeps one connection to the master up: asks the sentinels where it is, dials, shakes hands, and
// starts over, after a moment, whenever that fails or what was up is lost.
//
// An attempt ends after connect_timeout, handshake included. Each new one asks the sentinels again,
// so a failover is followed: what was the master refuses writes, is closed by its sentinel, or
// tells in the handshake that it has become a replica.
//
// Threads: the loop's. Owns: the connection. Borrows: the listener and what Dependencies names.
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
#include "redis/link/handshake.h"
#include "redis/link/health.h"
#include "redis/link/later.h"
#include "redis/link/url.h"

namespace usher::redis {

// Where the master is.
struct Destination {
  Address address;                 // with sentinels, its host and port are theirs to tell
  std::vector<Address> sentinels;  // empty: `address` is the master
  std::string master;              // its name among the sentinels
  std::shared_ptr<boost::asio::ssl::context> trust;  // where any address asks for TLS

  bool uses_tls() const;
};

struct DialerOptions {
  Duration connect_timeout = std::chrono::seconds(1);
  Duration sentinel_timeout = std::chrono::milliseconds(300);  // for each sentinel's answer
  ReplyLimits replies;
};

// Runs what it is given at once, as one turn of the loop: what is sent to clients meanwhile leaves
// at its end.
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
  // Called within Dependencies::turn, never inline, but on_down() by fail().
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

  bool is_up() const { return state_ == State::up; }
  const Server& server() const { return server_; }                 // empty: not up
  std::uint64_t connections() const { return connections_; }       // that came up so far
  void send(std::string_view bytes) { connection_->send(bytes); }  // requires is_up()
  bool has_unread() const { return connection_->has_unread(); }    // likewise

  // Gives up the connection that is up, for a reason that goes to the log.
  void fail(std::string_view reason);

 private:
  enum class State : std::uint8_t { idle, asking, greeting, up, waiting };

  void on_open() override;
  void on_replies(std::vector<Reply> replies) override;
  void on_broken(std::string reason) override;
  bool is_held_up() const override { return dependencies_.held_up && dependencies_.held_up(); }

  void broken(std::string_view reason);
  std::string last_words() const;
  void attempt();
  void ask_sentinel();
  void hear_sentinel();
  void sentinel_failed(std::string_view reason);
  void greet(Address address);
  void hear_greeting();
  void on_timer();
  void drop();
  void attempt_failed(std::string_view reason);
  void lost(std::string_view reason);

  const DialerOptions options_;
  const Destination destination_;
  const Dependencies dependencies_;
  Dialer::Listener& listener_;
  Backoff backoff_;
  Later timer_;   // of the step that is under way, or until the next attempt
  Later stable_;  // up for long enough that the backoff starts over
  State state_ = State::idle;
  std::shared_ptr<Connection> connection_;
  Address address_;                 // that `connection_` leads to
  std::vector<Reply> heard_;        // until a step has all its answers
  std::size_t awaited_ = 0;         // how many that is
  std::size_t sentinel_ = 0;        // asked next
  std::size_t sentinels_left_ = 0;  // in this attempt
  Server server_;
  std::uint64_t connections_ = 0;
};

}  // namespace usher::redis
