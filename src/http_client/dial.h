// From an Endpoint to a connected, verified stream. Included only by the sources that own the
// streams.
//
// Addresses are tried one after the other, each but the last for kAddressTimeMax, so that a dead
// IPv6 route does not eat the whole stage.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "http_client/endpoint.h"

namespace usher::http_client {

using PlainStream = boost::beast::tcp_stream;
using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;

// How a dialing ended, and in which step, for a human.
struct Dialed {
  boost::system::error_code error;
  const char* step;
};

// Connects, and shakes hands where the stream is TLS. The stream, the resolver and the endpoint
// must live until it is done; it ends early if the caller cancels the one and closes the other.
boost::asio::awaitable<Dialed> dial(PlainStream& stream, boost::asio::ip::tcp::resolver& resolver,
                                    const Endpoint& endpoint);
boost::asio::awaitable<Dialed> dial(TlsStream& stream, boost::asio::ip::tcp::resolver& resolver,
                                    const Endpoint& endpoint);

}  // namespace usher::http_client
