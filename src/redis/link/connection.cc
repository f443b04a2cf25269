#include "redis/link/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "http_client/tls_trust.h"

namespace usher::redis {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr auto kHeldUpStep = std::chrono::milliseconds(1);
constexpr std::size_t kKeptBytesMax = 1 << 20;  // of a write buffer that has grown

}  // namespace

std::shared_ptr<Connection> Connection::open(asio::io_context& io, const Address& address,
                                             std::shared_ptr<asio::ssl::context> trust,
                                             ReplyLimits limits, Listener& listener) {
  const std::shared_ptr<Connection> connection(
      new Connection(io, address, std::move(trust), limits, listener));
  asio::co_spawn(io, run(connection), asio::detached);
  return connection;
}

Connection::Connection(asio::io_context& io, const Address& address,
                       std::shared_ptr<asio::ssl::context> trust, ReplyLimits limits,
                       Listener& listener)
    : address_(address),
      trust_(std::move(trust)),
      listener_(&listener),
      socket_(io),
      resolver_(io),
      held_up_(io),
      reader_(limits),
      incoming_(kReadBytes) {}

void Connection::close() {
  listener_ = nullptr;
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

void Connection::break_off(std::string reason) {
  Listener* const listener = listener_;
  if (listener == nullptr) return;
  close();
  listener->on_broken(std::move(reason));
}

bool Connection::has_unread() const {
  error_code ignored;
  return socket_.available(ignored) > 0;
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
  std::string problem = co_await self->connect();
  if (problem.empty() && self->listener_ != nullptr) {
    self->listener_->on_open();
    problem = co_await self->receive();
  }
  self->break_off(std::move(problem));
}

// ---- connecting ----

asio::awaitable<std::string> Connection::connect() {
  if (address_.kind != Address::Kind::unix_socket) {
    std::string problem = co_await connect_tcp();
    if (!problem.empty() || listener_ == nullptr || address_.kind == Address::Kind::tcp) {
      if (problem.empty()) stage_ = Stage::open;
      co_return problem;
    }
    co_return co_await shake_hands();
  }
  error_code error;
  co_await socket_.async_connect(asio::local::stream_protocol::endpoint(address_.host),
                                 asio::redirect_error(asio::use_awaitable, error));
  stage_ = Stage::open;
  co_return error ? "can't connect: " + error.message() : std::string();
}

asio::awaitable<std::string> Connection::connect_tcp() {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  tcp::resolver::results_type found;
  if (const auto ip = asio::ip::make_address(address_.host, error); !error) {
    const auto port = static_cast<asio::ip::port_type>(std::stoul(address_.port));
    found =
        tcp::resolver::results_type::create(tcp::endpoint(ip, port), address_.host, address_.port);
  } else {
    stage_ = Stage::resolving;
    found = co_await resolver_.async_resolve(address_.host, address_.port, token);
    stage_ = Stage::connecting;
  }
  if (error) co_return "can't resolve its host: " + error.message();

  error = asio::error::host_not_found;
  for (const auto& candidate : found) {
    if (listener_ == nullptr) co_return std::string();
    error_code ignored;
    socket_.close(ignored);
    co_await socket_.async_connect(candidate.endpoint(), token);
    if (!error) break;
  }
  if (error) co_return "can't connect: " + error.message();
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  co_return std::string();
}

asio::awaitable<std::string> Connection::shake_hands() {
  stage_ = Stage::shaking_hands;
  tls_.emplace(socket_, *trust_);
  error_code error;
  if (!http_client::announce_host(tls_->native_handle(), address_.host)) {
    co_return "TLS: its host can't be named";
  }
  tls_->set_verify_callback(asio::ssl::host_name_verification(address_.host));
  co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                 asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return tls_problem(error);
  stage_ = Stage::open;
  co_return std::string();
}

// OpenSSL's message, and what it means for the operator.
std::string Connection::tls_problem(const error_code& error) {
  const std::string said = "TLS: " + error.message();
  const bool is_ssl = error.category() == asio::error::get_ssl_category();
  const int reason = is_ssl ? ERR_GET_REASON(static_cast<unsigned long>(error.value())) : 0;
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: {
      const long result = SSL_get_verify_result(tls_->native_handle());
      const bool is_another = result == X509_V_OK || result == X509_V_ERR_UNSPECIFIED ||
                              result == X509_V_ERR_HOSTNAME_MISMATCH ||
                              result == X509_V_ERR_IP_ADDRESS_MISMATCH;
      if (is_another) {
        return said + ": its certificate is not one of the host '" + address_.host + "'";
      }
      return said + ": " + X509_verify_cert_error_string(result) +
             "; tls.ca_file names the authorities that are believed besides the system's";
    }
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_HTTP_REQUEST:
      return said +
             ": it speaks no TLS there; write redis:// instead of rediss://, or name its "
             "TLS port";
    default:
      return said;
  }
}

// ---- receiving and sending ----

asio::awaitable<void> Connection::wait_while_held_up() {
  while (listener_ != nullptr && listener_->is_held_up()) {
    error_code ignored;
    held_up_.expires_after(kHeldUpStep);
    co_await held_up_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<std::string> Connection::receive() {
  while (listener_ != nullptr) {
    if (listener_->is_held_up()) co_await wait_while_held_up();
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const auto buffer = asio::buffer(incoming_);
    std::size_t count = 0;
    if (tls_) {
      count = co_await tls_->async_read_some(buffer, token);
    } else {
      count = co_await socket_.async_read_some(buffer, token);
    }
    if (listener_ == nullptr) break;
    if (error) co_return ending(error);

    has_heard_ = true;
    reader_.feed({incoming_.data(), count});
    std::vector<Reply> replies;
    while (auto reply = reader_.next()) replies.push_back(std::move(*reply));
    if (!replies.empty()) listener_->on_replies(std::move(replies));
    if (reader_.is_broken()) co_return unreadable();
  }
  co_return std::string();
}

// A port for TLS closes a connection that does not begin with TLS.
std::string Connection::ending(const error_code& error) const {
  std::string text = error == asio::error::eof ? "it closed the connection"
                                               : "connection lost: " + error.message();
  if (address_.kind == Address::Kind::tcp && !has_heard_) {
    text += ", without a word; if its port is one for TLS, write rediss:// instead of redis://";
  }
  return text;
}

std::string Connection::unreadable() const {
  const std::string_view first(incoming_.data(), 5);
  constexpr char kAlert = 0x15;  // the type of a TLS record, before its version
  if (address_.kind == Address::Kind::tcp && first[0] == kAlert && first[1] == 3) {
    return "it speaks TLS there; write rediss:// instead of redis://, or name its plain port";
  }
  if (first == "HTTP/") return "what answers is an HTTP server, and no Redis";
  return "what it answers is no reply of Redis, or too large";
}

void Connection::send(std::string_view bytes) {
  if (listener_ == nullptr) return;
  queued_ += bytes;
  if (!is_writing_) write();
}

void Connection::write() {
  is_writing_ = true;
  writing_.swap(queued_);
  queued_.clear();
  if (queued_.capacity() > kKeptBytesMax) queued_.shrink_to_fit();
  const auto done = [self = shared_from_this()](const error_code& error, std::size_t) {
    if (self->listener_ == nullptr) return;
    if (error) return;  // receive() finds the end, after the last replies of the peer
    self->is_writing_ = false;
    if (!self->queued_.empty()) self->write();
  };
  if (tls_) {
    asio::async_write(*tls_, asio::buffer(writing_), done);
  } else {
    asio::async_write(socket_, asio::buffer(writing_), done);
  }
}

}  // namespace usher::redis
