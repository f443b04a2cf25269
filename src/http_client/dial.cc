#include "http_client/dial.h"

#include <boost/beast/core/error.hpp>

namespace usher::http_client {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kAddressTimeMax = std::chrono::seconds(3);

}  // namespace

asio::awaitable<Dialed> dial(PlainStream& stream, tcp::resolver& resolver,
                             const Endpoint& endpoint) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const auto addresses = co_await resolver.async_resolve(endpoint.host, endpoint.port, token);
  if (error) co_return Dialed{error, "resolving"};

  error = asio::error::host_not_found;
  for (auto address = addresses.begin(); address != addresses.end(); ++address) {
    if (std::next(address) == addresses.end()) {
      stream.expires_never();
    } else {
      stream.expires_after(kAddressTimeMax);
    }
    co_await stream.async_connect(address->endpoint(), token);
    if (!error || error == asio::error::operation_aborted) break;
  }
  stream.expires_never();
  if (error) co_return Dialed{error, "connecting"};
  error_code ignored;
  stream.socket().set_option(tcp::no_delay(true), ignored);
  co_return Dialed{{}, "connected"};
}

asio::awaitable<Dialed> dial(TlsStream& stream, tcp::resolver& resolver, const Endpoint& endpoint) {
  const Dialed plain = co_await dial(boost::beast::get_lowest_layer(stream), resolver, endpoint);
  if (plain.error) co_return plain;

  SSL* ssl = stream.native_handle();
  if (!endpoint.host_is_address() && SSL_set_tlsext_host_name(ssl, endpoint.host.c_str()) != 1) {
    co_return Dialed{asio::error::invalid_argument, "TLS"};
  }
  stream.set_verify_callback(asio::ssl::host_name_verification(endpoint.host));
  error_code error;
  co_await stream.async_handshake(asio::ssl::stream_base::client,
                                  asio::redirect_error(asio::use_awaitable, error));
  co_return Dialed{error, "TLS"};
}

}  // namespace usher::http_client
