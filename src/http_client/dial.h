// From an Endpoint to a connected, verified stream. Included only by the sources that own the
// streams.
//
// Addresses are tried one after the other, each but the last for kAddressTimeMax, so that a dead
// IPv6 route does not eat the whole stage.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "http_client/endpoint.h"

namespace usher::http_client {

using PlainStream = boost::beast::tcp_stream;
using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;

// How a dialing ended.
struct Dialed {
  boost::system::error_code error;
  std::string why;  // where there is an error: in which step, with whom, for a human
};

// Connects, and shakes hands where the stream is TLS. `step` says meanwhile what is being done, for
// a human. The stream, the resolver, the endpoint and `step` must live until it is done; it ends
// early if the caller cancels the one and closes the other.
boost::asio::awaitable<Dialed> dial(PlainStream& stream, boost::asio::ip::tcp::resolver& resolver,
                                    const Endpoint& endpoint, std::string& step);
boost::asio::awaitable<Dialed> dial(TlsStream& stream, boost::asio::ip::tcp::resolver& resolver,
                                    const Endpoint& endpoint, std::string& step);

}  // namespace usher::http_client
