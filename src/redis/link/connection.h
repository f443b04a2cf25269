// One connection to a Redis or a sentinel, from resolving its host to its end: bytes out, replies
// in. It knows no command, and does not reconnect.
//
// Threads: the loop's. Owns: the socket; itself while anything is under way. Borrows: the listener,
// until close() or on_broken().
// Limits: ReplyLimits for input. The listener bounds the output.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/link/reply_reader.h"
#include "redis/link/url.h"

namespace usher::redis {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Never called inline. Each may close() or drop the connection.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_open() = 0;
    virtual void on_replies(std::vector<Reply> replies) = 0;  // of one read; at least one
    virtual void on_broken(std::string reason) = 0;           // the last call
    // While true, nothing is read, because replies could not be handled yet.
    virtual bool is_held_up() const { return false; }
  };

  // `trust` is needed for an address with TLS only.
  static std::shared_ptr<Connection> open(boost::asio::io_context& io, const Address& address,
                                          std::shared_ptr<boost::asio::ssl::context> trust,
                                          ReplyLimits limits, Listener& listener);

  // How far the connection has come: the reason to give when waiting for it ends.
  enum class Stage : std::uint8_t { resolving, connecting, shaking_hands, open };
  Stage stage() const { return stage_; }

  // Requires: on_open() was called. Writes at once if no write is under way; otherwise after that
  // write, together with everything that was sent meanwhile.
  void send(std::string_view bytes);

  // The listener is not called any more.
  void close();

  // Returns whether the peer has sent bytes that have not been read yet.
  bool has_unread() const;

 private:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Tls = boost::asio::ssl::stream<Socket&>;
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  Connection(boost::asio::io_context& io, const Address& address,
             std::shared_ptr<boost::asio::ssl::context> trust, ReplyLimits limits,
             Listener& listener);

  static Awaitable<void> run(std::shared_ptr<Connection> self);
  Awaitable<std::string> connect();  // returns what went wrong; empty: nothing
  Awaitable<std::string> connect_tcp();
  Awaitable<std::string> shake_hands();
  Awaitable<std::string> receive();
  std::string tls_problem(const boost::system::error_code& error);
  std::string ending(const boost::system::error_code& error) const;
  std::string unreadable() const;
  Awaitable<void> wait_while_held_up();
  void write();
  void break_off(std::string reason);

  const Address address_;
  const std::shared_ptr<boost::asio::ssl::context> trust_;
  Listener* listener_;  // null: closed
  Socket socket_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer held_up_;
  std::optional<Tls> tls_;
  ReplyReader reader_;
  std::vector<char> incoming_;
  std::string queued_;
  std::string writing_;
  Stage stage_ = Stage::connecting;
  bool is_writing_ = false;
  bool has_heard_ = false;  // at least one byte has come
};

}  // namespace usher::redis
