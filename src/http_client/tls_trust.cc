#include "http_client/tls_trust.h"

#include <stdexcept>

#include <boost/asio/ssl/context.hpp>

namespace usher::http_client {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_tls_trust(const std::string& ca_file) {
  auto trust = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(trust->native_handle(), TLS1_2_VERSION);
  trust->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  // An error is ignored: a machine without certificates may still have a `ca_file`.
  trust->set_default_verify_paths(error);
  if (!ca_file.empty()) {
    trust->load_verify_file(ca_file, error);
    if (error) throw std::invalid_argument("CA file " + ca_file + ": " + error.message());
  }
  return trust;
}

}  // namespace usher::http_client
