// From an Endpoint to a connected and verified stream. Only sources that own streams include it.
//
// Addresses are tried one after the other, each but the last for kAddressTimeMax, so that a dead
// IPv6 route does not use up the time of the whole call.
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

// The result of dialing.
struct Dialed {
  boost::system::error_code error;
  std::string why;  // of an error: the step and the peer, for a person
};

// Connects, and does the TLS handshake if the stream is TLS. Meanwhile `step` is the step that is
// under way, for a person. The stream, the resolver, the endpoint and `step` must live until it is
// done. To end it early, the caller cancels the resolver and closes the stream.
boost::asio::awaitable<Dialed> dial(PlainStream& stream, boost::asio::ip::tcp::resolver& resolver,
                                    const Endpoint& endpoint, std::string& step);
boost::asio::awaitable<Dialed> dial(TlsStream& stream, boost::asio::ip::tcp::resolver& resolver,
                                    const Endpoint& endpoint, std::string& step);

}  // namespace usher::http_client
