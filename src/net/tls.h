// TLS on a socket of the shard: OpenSSL on the descriptor, non-blocking.
//
// Accepted sockets: TLS 1.3, and 1.2 with ECDHE and AEAD only; ALPN http/1.1. Dialled sockets: what
// http_client/tls_trust.h trusts. A reload of the
// certificate makes a new context: connections keep the context that they began with. Sessions
// resume across contexts, because the keys of their tickets belong to no context.
//
// Threads: a TlsContext may be shared; a TlsSession belongs to its connection's shard.
#pragma once

#include <openssl/ssl.h>
#include <sys/uio.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "base/certificate.h"
#include "net/io_result.h"
#include "net/tls_ticket_keys.h"

namespace usher::net {

// An operator's fault; what() is one sentence.
class TlsError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class TlsContext {
 public:
  // Throws TlsError if the certificate is too weak for OpenSSL's security level.
  explicit TlsContext(const Certificate& certificate);

  // To be called before the first session. Borrows `keys`, which must outlive all sessions. Without
  // this call sessions resume in this context only.
  void seal_tickets_with(TlsTicketKeys& keys);

  SSL_CTX* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  void use(const Certificate& certificate);

  std::unique_ptr<SSL_CTX, Free> context_;
};

class TlsSession {
 public:
  // The server's side. Does not own `fd`.
  TlsSession(const TlsContext& context, int fd);
  // The client's side: the peer must show a certificate for `host` that `trust` believes. The
  // handshake begins with the first read or write. Does not own `fd`.
  TlsSession(SSL_CTX* trust, const std::string& host, int fd);

  // Returns why the handshake has failed, for a person. Requires: a read or write has just failed.
  std::string failure_text() const;

  // Reads decrypted bytes, after the handshake. Requires: `buffer` takes a whole record. Otherwise
  // bytes would stay in OpenSSL, where epoll does not see them.
  IoResult read(std::span<char> buffer);

  // Writes as much of `parts` as one record takes. After want_write the next call must begin with
  // the same bytes; more bytes may follow them.
  IoResult write(std::span<const iovec> parts);

  // Sends close_notify, as far as the socket takes it.
  void shut_down();

 private:
  IoResult failure(int result);

  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  std::unique_ptr<SSL, Free> session_;
};

}  // namespace usher::net
