#include "client_net/http_call.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "client_net/dial.h"

namespace usher::client_net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kHeaderBytesMax = 16 << 10;

using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

Request to_request(const PostRequest& post) {
  Request request{http::verb::post, post.endpoint.target, 11};
  request.set(http::field::host, post.endpoint.authority);
  request.set(http::field::user_agent, "usher-client");
  request.set(http::field::accept, "application/json");
  request.set(http::field::connection, "close");
  if (post.bearer) request.set(http::field::authorization, "Bearer " + *post.bearer);
  if (post.api_key) request.set("X-API-Key", *post.api_key);
  if (post.origin) request.set(http::field::origin, *post.origin);
  if (!post.body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = post.body;
  request.prepare_payload();
  return request;
}

HttpAnswer to_answer(Parser& parser) {
  HttpAnswer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  if (parser.is_done()) answer.body = std::move(parser.get().body());
  const auto field = parser.get().find(http::field::retry_after);
  if (field != parser.get().end()) answer.retry_after = std::string(field->value());
  return answer;
}

template <class Stream>
class Call final : public HttpCall, public std::enable_shared_from_this<Call<Stream>> {
 public:
  template <class... StreamArgs>
  Call(const asio::any_io_executor& executor, PostRequest post,
       std::function<void(HttpAnswer)> done, StreamArgs&... stream_args)
      : resolver_(executor),
        stream_(executor, stream_args...),
        post_(std::move(post)),
        done_(std::move(done)) {}

  void start() {
    asio::co_spawn(
        resolver_.get_executor(), [self = this->shared_from_this()] { return self->run(self); },
        asio::detached);
  }

  void cancel() override {
    done_ = nullptr;
    resolver_.cancel();
    beast::get_lowest_layer(stream_).close();
  }

 private:
  // `self` keeps the call alive in the coroutine's own frame.
  asio::awaitable<void> run(std::shared_ptr<Call> /*self*/) {
    HttpAnswer answer = co_await exchange();
    beast::get_lowest_layer(stream_).close();
    if (done_) std::exchange(done_, nullptr)(std::move(answer));
  }

  asio::awaitable<HttpAnswer> exchange() {
    const Dialed dialed = co_await dial(stream_, resolver_, post_.endpoint);
    if (dialed.error) co_return failed(dialed.step, dialed.error);
    if (!done_) co_return HttpAnswer{};  // cancelled when the connection was as good as there

    error_code error;
    const Request request = to_request(post_);
    co_await http::async_write(stream_, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return failed("sending", error);

    Parser parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(kAnswerBytesMax);
    beast::flat_buffer buffer(kHeaderBytesMax + kAnswerBytesMax);
    co_await http::async_read(stream_, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error && !parser.is_header_done()) co_return failed("reading", error);
    co_return to_answer(parser);
  }

  static HttpAnswer failed(const char* step, const error_code& error) {
    return {.status = {},
            .body = {},
            .retry_after = {},
            .detail = std::string(step) + ": " + error.message()};
  }

  asio::ip::tcp::resolver resolver_;
  Stream stream_;
  const PostRequest post_;
  std::function<void(HttpAnswer)> done_;
};

}  // namespace

std::shared_ptr<HttpCall> start_post(const asio::any_io_executor& executor,
                                     const std::shared_ptr<asio::ssl::context>& trust,
                                     PostRequest request, std::function<void(HttpAnswer)> done) {
  if (!request.endpoint.tls) {
    auto call = std::make_shared<Call<PlainStream>>(executor, std::move(request), std::move(done));
    call->start();
    return call;
  }
  auto call =
      std::make_shared<Call<TlsStream>>(executor, std::move(request), std::move(done), *trust);
  call->start();
  return call;
}

}  // namespace usher::client_net
