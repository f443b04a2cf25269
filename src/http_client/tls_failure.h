// Why a TLS handshake of ours has failed, for a person: the problem and its certificate, or that
// the peer does not speak TLS.
//
// Threads: none of its own. Each object belongs to one handshake.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>
#include <boost/asio/ssl/verify_context.hpp>
#include <boost/system/error_code.hpp>

#include "http_client/endpoint.h"

namespace usher::http_client {

class TlsFailure {
 public:
  explicit TlsFailure(const Endpoint& endpoint)
      : host_(endpoint.host), place_(endpoint.authority) {}

  // The verify callback of the handshake. Returns whether the certificate is valid, and for the
  // host.
  bool verify(bool preverified, boost::asio::ssl::verify_context& context);

  // Returns the text about `error`, with which the handshake of `ssl` has ended.
  std::string text(SSL* ssl, const boost::system::error_code& error) const;

 private:
  const std::string host_;
  const std::string place_;
  std::string names_;  // of the certificate, if they are not the host's
  std::string until_;  // the end of the certificate that was refused last
  std::string since_;  // and its beginning
};

}  // namespace usher::http_client
