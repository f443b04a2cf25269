#include "redis/trust.h"

#include <boost/asio/ssl/context.hpp>

namespace usher::redis {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_trust(const TrustOptions& options) {
  auto trust = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(trust->native_handle(), TLS1_2_VERSION);
  trust->set_verify_mode(ssl::verify_peer);
  const auto check = [](const boost::system::error_code& error, const std::string& key,
                        const std::string& file) {
    if (error) throw TrustError(key + ": can't use " + file + ": " + error.message());
  };
  boost::system::error_code error;
  trust->set_default_verify_paths(error);  // a machine without any may still have a `ca_file`
  if (!options.ca_file.empty()) {
    trust->load_verify_file(options.ca_file, error);
    check(error, "tls.ca_file", options.ca_file);
  }
  if (!options.certificate_file.empty()) {
    trust->use_certificate_chain_file(options.certificate_file, error);
    check(error, "redis.certificate_file", options.certificate_file);
    trust->use_private_key_file(options.key_file, ssl::context::pem, error);
    check(error, "redis.key_file", options.key_file);
  }
  return trust;
}

}  // namespace usher::redis
