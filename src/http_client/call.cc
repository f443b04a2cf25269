#include "http_client/call.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "http_client/dial.h"
#include "http_client/kept_connections.h"
#include "http_client/kept_streams.h"

namespace usher::http_client {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kHeaderBytesMax = 16 << 10;

using Parser = http::response_parser<http::string_body>;

http::request<http::string_body> to_beast(const Request& request, bool keep_alive) {
  const bool is_get = request.method == Method::get;
  http::request<http::string_body> out{is_get ? http::verb::get : http::verb::post,
                                       request.endpoint.target, 11};
  out.set(http::field::host, request.endpoint.authority);
  out.keep_alive(keep_alive);
  for (const auto& [name, value] : request.fields) out.set(name, value);
  out.body() = request.body;
  out.prepare_payload();
  return out;
}

Answer to_answer(Parser& parser, const error_code& error) {
  Answer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  if (parser.is_done()) {
    answer.body = std::move(parser.get().body());
  } else {
    answer.detail = "reading: " + error.message();
  }
  const auto field = parser.get().find(http::field::retry_after);
  if (field != parser.get().end()) answer.retry_after = std::string(field->value());
  return answer;
}

Answer failed(std::string detail) {
  return {.status = {}, .body = {}, .retry_after = {}, .detail = std::move(detail)};
}

template <class Stream>
class StreamCall final : public Call, public std::enable_shared_from_this<StreamCall<Stream>> {
 public:
  template <class... StreamArgs>
  StreamCall(const asio::any_io_executor& executor, Request request,
             std::function<void(Answer)> done, KeptConnections* kept, StreamArgs&... stream_args)
      : resolver_(executor),
        timer_(executor),
        kept_(kept),
        stream_(std::make_unique<Stream>(executor, stream_args...)),
        request_(std::move(request)),
        done_(std::move(done)) {}

  void start() {
    if (request_.timeout) {
      timer_.expires_after(*request_.timeout);
      timer_.async_wait([self = this->shared_from_this()](const error_code& error) {
        if (!error) self->time_out();
      });
    }
    asio::co_spawn(
        resolver_.get_executor(), [self = this->shared_from_this()] { return self->run(self); },
        asio::detached);
  }

  void cancel() override {
    done_ = nullptr;
    hang_up();
  }

  std::string step() const override { return step_; }

 private:
  void hang_up() {
    timer_.cancel();
    resolver_.cancel();
    if (stream_) beast::get_lowest_layer(*stream_).close();
  }

  // Not through the coroutine: the resolution of a name cannot be cancelled.
  void time_out() {
    auto done = std::exchange(done_, nullptr);
    hang_up();
    if (done)
      done({.status = {},
            .body = {},
            .retry_after = {},
            .detail = "no answer in time",
            .late = true});
  }

  // `self` keeps the call alive in the coroutine's own frame.
  asio::awaitable<void> run(std::shared_ptr<StreamCall> /*self*/) {
    Answer answer = co_await exchange();
    hang_up();
    if (done_) std::exchange(done_, nullptr)(std::move(answer));
  }

  asio::awaitable<Answer> exchange() {
    auto kept = kept_ != nullptr ? kept_->streams().take<Stream>() : nullptr;
    if (kept) {
      stream_ = std::move(kept);
    } else {
      Dialed dialed = co_await dial(*stream_, resolver_, request_.endpoint, step_);
      if (dialed.error) co_return failed(std::move(dialed.why));
    }
    step_ = "waiting for the answer of " + request_.endpoint.authority;
    if (!done_) co_return Answer{};  // given up in the moment in which the connection was made

    error_code error;
    const auto request = to_beast(request_, kept_ != nullptr);
    co_await http::async_write(*stream_, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return failed("sending: " + error.message());

    Parser parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(request_.answer_bytes_max);
    beast::flat_buffer buffer(kHeaderBytesMax + request_.answer_bytes_max);
    co_await http::async_read(*stream_, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error && !parser.is_header_done()) co_return failed("reading: " + error.message());
    const bool may_be_kept = !error && done_ && parser.keep_alive() && buffer.size() == 0;
    if (kept_ != nullptr && may_be_kept) kept_->streams().keep(std::move(stream_));
    co_return to_answer(parser, error);
  }

  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  KeptConnections* const kept_;
  std::unique_ptr<Stream> stream_;  // null after it was kept
  const Request request_;
  std::function<void(Answer)> done_;
  std::string step_;
};

}  // namespace

std::shared_ptr<Call> start_call(const asio::any_io_executor& executor,
                                 const std::shared_ptr<asio::ssl::context>& trust, Request request,
                                 std::function<void(Answer)> done, KeptConnections* kept) {
  if (!request.endpoint.tls) {
    auto call = std::make_shared<StreamCall<PlainStream>>(executor, std::move(request),
                                                          std::move(done), kept);
    call->start();
    return call;
  }
  auto call = std::make_shared<StreamCall<TlsStream>>(executor, std::move(request), std::move(done),
                                                      kept, *trust);
  call->start();
  return call;
}

}  // namespace usher::http_client
