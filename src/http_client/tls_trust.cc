#include "http_client/tls_trust.h"

#include <boost/asio/ssl/context.hpp>

#include "http_client/endpoint.h"

namespace usher::http_client {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_tls_trust(const std::string& ca_file) {
  auto trust = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(trust->native_handle(), TLS1_2_VERSION);
  trust->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  // A machine without certificates may still have a `ca_file`.
  trust->set_default_verify_paths(error);
  if (!ca_file.empty()) {
    trust->load_verify_file(ca_file, error);
    if (error) throw TlsTrustError(ca_file, error.message());
  }
  return trust;
}

bool announce_host(SSL* ssl, const std::string& host) {
  return is_address(host) || SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace usher::http_client
