#include <cctype>
#include <mutex>
#include <optional>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "support/fake_gateway.h"

namespace usher::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Request = http::request<http::string_body>;

FakeRequest to_fake(const Request& request) {
  FakeRequest fake{.method = std::string(request.method_string()),
                   .target = std::string(request.target()),
                   .fields = {},
                   .body = request.body()};
  for (const auto& field : request) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    fake.fields[name] = std::string(field.value());
  }
  return fake;
}

auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

}  // namespace

struct FakeGateway::Server {
  explicit Server(FakeGateway& gateway) : owner(gateway) {}
  ~Server() {
    io.stop();
    if (thread.joinable()) thread.join();
  }

  asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor.async_accept(asio::use_awaitable);
      asio::co_spawn(io, welcome(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> welcome(tcp::socket socket) {
    if (!tls) co_return co_await serve(beast::tcp_stream(std::move(socket)), "");
    beast::ssl_stream<beast::tcp_stream> stream(beast::tcp_stream(std::move(socket)), *tls);
    error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::server, into(error));
    if (error) co_return;
    const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    const std::string sni = name ? name : "";
    co_await serve(std::move(stream), sni);
  }

  template <class Stream>
  asio::awaitable<void> serve(Stream stream, std::string sni) {
    error_code error;
    beast::flat_buffer buffer;
    Request request;
    co_await http::async_read(stream, buffer, request, into(error));
    if (error) co_return;
    FakeRequest fake = to_fake(request);
    if (!sni.empty()) fake.fields["sni"] = sni;
    {
      const std::lock_guard lock(mutex);
      requests.push_back(fake);
    }
    const bool upgrade = websocket::is_upgrade(request);
    if (upgrade && owner.refuse_upgrades_with == 0)
      co_return co_await serve_socket(std::move(stream), request, fake);
    const FakeAnswer answer = upgrade ? FakeAnswer{.status = owner.refuse_upgrades_with, .body = {}}
                                      : owner.on_http(fake);
    http::response<http::string_body> response{static_cast<http::status>(answer.status), 11};
    for (const auto& [field, value] : answer.fields) response.set(field, value);
    response.body() = answer.body;
    response.prepare_payload();
    response.keep_alive(false);
    co_await http::async_write(stream, response, into(error));
  }

  template <class Stream>
  asio::awaitable<void> serve_socket(Stream stream, const Request& request,
                                     const FakeRequest& fake) {
    error_code error;
    const SocketScript script = owner.on_upgrade(fake);
    websocket::stream<Stream> socket(std::move(stream));
    socket.set_option(websocket::stream_base::decorator([&](websocket::response_type& response) {
      if (!script.subprotocol.empty())
        response.set(http::field::sec_websocket_protocol, script.subprotocol);
    }));
    co_await socket.async_accept(request, into(error));
    socket.binary(script.binary);
    for (const std::string& text : script.send) {
      if (error) co_return;
      co_await socket.async_write(asio::buffer(text), into(error));
    }
    if (script.close_code != 0) {
      const websocket::close_reason reason(static_cast<websocket::close_code>(script.close_code),
                                           script.close_reason);
      co_return co_await socket.async_close(reason, into(error));
    }
    while (!error) {
      beast::flat_buffer message;
      co_await socket.async_read(message, into(error));
      const std::string kind = socket.got_binary() ? "binary " : "";
      if (!error) owner.on_text(kind + beast::buffers_to_string(message.data()));
    }
    if (error == websocket::error::closed) {
      owner.on_text("closed " + std::to_string(static_cast<std::uint16_t>(socket.reason().code)));
    }
  }

  FakeGateway& owner;
  asio::io_context io{1};
  tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
  std::optional<asio::ssl::context> tls;
  mutable std::mutex mutex;
  std::vector<FakeRequest> requests;
  std::thread thread;
};

FakeGateway::FakeGateway() : server_(std::make_unique<Server>(*this)) {
  on_http = [](const FakeRequest& request) -> FakeAnswer {
    if (request.target == "/auth/token")
      return {200, R"({"token":"guest-token","session_id":"s","expires_in":3600})"};
    return {200, R"({"ticket":"00112233445566778899aabbccddeeff","expires_in":30})"};
  };
  on_upgrade = [](const FakeRequest&) -> SocketScript {
    return {{R"({"push":{"connect":{"client":"c","session":"s","ping":25,"pong":true}}})"}};
  };
}

FakeGateway::~FakeGateway() = default;

void FakeGateway::use_tls(const TestCertificate& certificate) {
  server_->tls.emplace(asio::ssl::context::tls_server);
  server_->tls->use_certificate_chain(asio::buffer(certificate.certificate_pem));
  server_->tls->use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
}

FakeGateway& FakeGateway::start() {
  asio::co_spawn(server_->io, server_->accept(), asio::detached);
  server_->thread = std::thread([this] { server_->io.run(); });
  return *this;
}

std::string FakeGateway::url(const std::string& host) const {
  const std::string scheme = server_->tls ? "https://" : "http://";
  return scheme + host + ":" + std::to_string(server_->acceptor.local_endpoint().port());
}

std::vector<FakeRequest> FakeGateway::requests() const {
  const std::lock_guard lock(server_->mutex);
  return server_->requests;
}

}  // namespace usher::test
