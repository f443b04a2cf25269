#include "client_net/web_socket.h"

#include <deque>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http_client/dial.h"

namespace usher::client_net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {

using http_client::Dialed;
using http_client::PlainStream;
using http_client::TlsStream;

constexpr auto kFarewellMax = std::chrono::seconds(1);
constexpr std::uint16_t kNoStatus = 1005;

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) {
    if (!list.empty()) list += ", ";
    list += word;
  }
  return list;
}

std::string status_text(const websocket::response_type& answer) {
  std::string text = std::to_string(answer.result_int());
  return (text += ' ') += answer.reason();
}

template <class Stream>
class Socket final : public WebSocket, public std::enable_shared_from_this<Socket<Stream>> {
 public:
  template <class... StreamArgs>
  Socket(const asio::any_io_executor& executor, WebSocketRequest request, WebSocketEvents events,
         StreamArgs&... stream_args)
      : resolver_(executor),
        stream_(executor, stream_args...),
        request_(std::move(request)),
        events_(std::move(events)),
        farewell_(executor),
        held_(executor) {}

  void start() {
    asio::co_spawn(
        resolver_.get_executor(), [self = this->shared_from_this()] { return self->run(self); },
        asio::detached);
  }

  ~Socket() override {
    for (const Message& message : outbox_) *request_.outbox -= message.data.size();
  }

  void send(std::string data, bool binary) override {
    *request_.outbox += data.size();
    outbox_.push_back({std::move(data), binary});
    if (outbox_.size() == 1) write_next();
  }

  void hold() override { held_.expires_at(asio::steady_timer::time_point::max()); }

  void resume() override { held_.expires_at(asio::steady_timer::time_point::min()); }

  void close(std::uint16_t code) override {
    silent_ = true;
    if (!stream_.is_open()) return abandon();
    farewell_.expires_after(kFarewellMax);
    farewell_.async_wait([self = this->shared_from_this()](error_code error) {
      if (!error) self->abandon();
    });
    farewell_code_ = code;
    if (outbox_.empty()) say_goodbye();
  }

  std::string step() const override { return step_; }

  void abandon() override {
    silent_ = true;
    resume();
    resolver_.cancel();
    beast::get_lowest_layer(stream_).close();
  }

 private:
  struct Message {
    std::string data;
    bool binary;
  };

  // `self` keeps the socket alive in the coroutine's own frame.
  asio::awaitable<void> run(std::shared_ptr<Socket> /*self*/) {
    const Dialed opened = co_await open();
    if (opened.error) {
      end({.code = 1006, .reason = {}, .clean = false, .detail = opened.why});
      co_return;
    }
    if (silent_) {  // abandoned in the moment in which the connection was made
      beast::get_lowest_layer(stream_).close();
      co_return;
    }
    events_.on_open(subprotocol_);
    error_code error;
    while (!error) {
      co_await until_resumed();
      beast::flat_buffer message;
      co_await stream_.async_read(message, asio::redirect_error(asio::use_awaitable, error));
      if (error || silent_) continue;
      const std::string_view data(static_cast<const char*>(message.data().data()), message.size());
      events_.on_message(data, stream_.got_binary());
    }
    end(read_end(error));
  }

  asio::awaitable<void> until_resumed() {
    while (!silent_ && held_.expiry() == asio::steady_timer::time_point::max()) {
      error_code moved;  // that is how resume() ends the wait
      co_await held_.async_wait(asio::redirect_error(asio::use_awaitable, moved));
    }
  }

  asio::awaitable<Dialed> open() {
    const Dialed dialed = co_await dial(stream_.next_layer(), resolver_, request_.endpoint, step_);
    if (dialed.error) co_return dialed;
    stream_.set_option(no_limits());
    stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& upgrade) {
      upgrade.set(http::field::user_agent, "usher-client");
      if (const std::string offer = joined(request_.subprotocols); !offer.empty())
        upgrade.set(http::field::sec_websocket_protocol, offer);
      if (request_.origin) upgrade.set(http::field::origin, *request_.origin);
    }));
    stream_.read_message_max(request_.message_bytes_max);
    step_ = "waiting for the upgrade by " + request_.endpoint.authority;
    error_code error;
    websocket::response_type answer;
    co_await stream_.async_handshake(answer, request_.endpoint.authority, request_.endpoint.target,
                                     asio::redirect_error(asio::use_awaitable, error));
    subprotocol_ = answer[http::field::sec_websocket_protocol];
    step_ = "waiting for the first frame of " + request_.endpoint.authority;
    co_return Dialed{error, "upgrading: " + (error == websocket::error::upgrade_declined
                                                 ? "the answer is " + status_text(answer)
                                                 : error.message())};
  }

  void write_next() {
    stream_.binary(outbox_.front().binary);
    stream_.async_write(asio::buffer(outbox_.front().data),
                        [self = this->shared_from_this()](error_code error, std::size_t) {
                          if (error) return;  // the read that is under way ends with it
                          self->sent();
                        });
  }

  void sent() {
    *request_.outbox -= outbox_.front().data.size();
    outbox_.pop_front();
    if (!outbox_.empty()) {
      write_next();
    } else if (farewell_code_) {
      say_goodbye();
    }
    if (!silent_) events_.on_sent();
  }

  void say_goodbye() {
    stream_.async_close(websocket::close_reason(*farewell_code_),
                        [self = this->shared_from_this()](error_code) {
                          self->farewell_.cancel();
                          self->abandon();
                        });
  }

  WebSocketEnd read_end(const error_code& error) const {
    if (error != websocket::error::closed) {
      return {.code = 1006, .reason = {}, .clean = false, .detail = "reading: " + error.message()};
    }
    const auto& reason = stream_.reason();
    const bool has_code = reason.code != websocket::close_code::none;
    return {.code = has_code ? static_cast<std::uint16_t>(reason.code) : kNoStatus,
            .reason = std::string(reason.reason.data(), reason.reason.size()),
            .clean = true,
            .detail = {}};
  }

  void end(WebSocketEnd how) {
    if (silent_) return;
    silent_ = true;
    beast::get_lowest_layer(stream_).close();
    events_.on_end(std::move(how));
  }

  static websocket::stream_base::timeout no_limits() {
    return {.handshake_timeout = websocket::stream_base::none(),
            .idle_timeout = websocket::stream_base::none(),
            .keep_alive_pings = false};
  }

  asio::ip::tcp::resolver resolver_;
  websocket::stream<Stream> stream_;
  const WebSocketRequest request_;
  // Stays whole while one of the functions runs; silent_ keeps them from being called.
  const WebSocketEvents events_;
  bool silent_ = false;
  std::deque<Message> outbox_;  // the first is being written
  asio::steady_timer farewell_;
  std::optional<std::uint16_t> farewell_code_;
  asio::steady_timer held_;  // until it expires nothing is read
  std::string subprotocol_;
  std::string step_;
};

}  // namespace

std::shared_ptr<WebSocket> open_web_socket(const asio::any_io_executor& executor,
                                           const std::shared_ptr<asio::ssl::context>& trust,
                                           WebSocketRequest request, WebSocketEvents events) {
  if (!request.endpoint.tls) {
    auto socket =
        std::make_shared<Socket<PlainStream>>(executor, std::move(request), std::move(events));
    socket->start();
    return socket;
  }
  auto socket =
      std::make_shared<Socket<TlsStream>>(executor, std::move(request), std::move(events), *trust);
  socket->start();
  return socket;
}

}  // namespace usher::client_net
