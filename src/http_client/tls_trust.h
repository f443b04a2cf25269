// TLS as a client, for all connections that usher opens: which servers are believed, and how a
// server learns which host is meant.
//
// Threads: none. Plain functions; the context may be shared by the connections of one thread.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace usher::http_client {

// A file of certificates that can't be used. what() names the file.
class TlsTrustError : public std::invalid_argument {
 public:
  TlsTrustError(const std::string& file, std::string reason)
      : std::invalid_argument("CA file " + file + ": " + reason), reason_(std::move(reason)) {}

  const std::string& reason() const { return reason_; }  // without the file's name

 private:
  std::string reason_;
};

// Returns a context for TLS 1.2 or newer. A server must present a certificate of one of the
// system's authorities, or of one in `ca_file` (PEM; empty: none). Whether the certificate is for
// the right host is checked when dialing. Throws TlsTrustError.
std::shared_ptr<boost::asio::ssl::context> make_tls_trust(const std::string& ca_file);

// Sends `host` in the handshake (SNI), unless it is an IP address (RFC 6066, section 3). Returns
// false if OpenSSL does not take it as a host name.
bool announce_host(SSL* ssl, const std::string& host);

}  // namespace usher::http_client
