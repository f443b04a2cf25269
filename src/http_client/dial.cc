#include "http_client/dial.h"

#include <boost/beast/core/error.hpp>

#include "http_client/tls_failure.h"
#include "http_client/tls_trust.h"

namespace usher::http_client {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kAddressTimeMax = std::chrono::seconds(3);

std::string place_of(const tcp::endpoint& address) {
  const std::string host = address.address().to_string();
  const std::string port = std::to_string(address.port());
  return address.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

Dialed failed(const std::string& step, const error_code& error) {
  return {error, step + ": " + error.message()};
}

}  // namespace

asio::awaitable<Dialed> dial(PlainStream& stream, tcp::resolver& resolver, const Endpoint& endpoint,
                             std::string& step) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  step = "resolving the name " + endpoint.host;
  const auto addresses = co_await resolver.async_resolve(endpoint.host, endpoint.port, token);
  if (error) co_return failed(step, error);

  error = asio::error::host_not_found;
  for (auto address = addresses.begin(); address != addresses.end(); ++address) {
    if (std::next(address) == addresses.end()) {
      stream.expires_never();
    } else {
      stream.expires_after(kAddressTimeMax);
    }
    step = "connecting to " + place_of(address->endpoint());
    co_await stream.async_connect(address->endpoint(), token);
    if (!error || error == asio::error::operation_aborted) break;
  }
  stream.expires_never();
  if (error) co_return failed(step, error);
  error_code ignored;
  stream.socket().set_option(tcp::no_delay(true), ignored);
  co_return Dialed{};
}

asio::awaitable<Dialed> dial(TlsStream& stream, tcp::resolver& resolver, const Endpoint& endpoint,
                             std::string& step) {
  Dialed plain = co_await dial(boost::beast::get_lowest_layer(stream), resolver, endpoint, step);
  if (plain.error) co_return plain;

  step = "shaking hands (TLS) with " + endpoint.authority;
  SSL* ssl = stream.native_handle();
  if (!announce_host(ssl, endpoint.host)) {
    co_return Dialed{asio::error::invalid_argument, "TLS: " + endpoint.host + " is no host name"};
  }
  TlsFailure failure(endpoint);
  stream.set_verify_callback([&failure](bool preverified, asio::ssl::verify_context& context) {
    return failure.verify(preverified, context);
  });
  error_code error;
  co_await stream.async_handshake(asio::ssl::stream_base::client,
                                  asio::redirect_error(asio::use_awaitable, error));
  Dialed done{error, error ? "TLS: " + failure.text(ssl, error) : std::string()};
  // Nothing is verified after the handshake, and the callback must not outlive `failure`.
  stream.set_verify_callback([](bool, asio::ssl::verify_context&) { return false; });
  co_return done;
}

}  // namespace usher::http_client
