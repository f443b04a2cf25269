#include "redis/link/trust.h"

#include <boost/asio/ssl/context.hpp>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/certificate.h"

namespace usher::redis {

namespace ssl = boost::asio::ssl;

namespace {

// The files are the operator's own, of a few kilobytes, and checked before.
std::string read(const std::string& key, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file) return text;
  throw TrustError(key + ": can't use " + path + ": " + std::generic_category().message(errno));
}

void show(SSL_CTX* context, const Certificate& certificate) {
  if (SSL_CTX_use_cert_and_key(context, certificate.leaf(), certificate.key(),
                               certificate.chain().get(), 1) != 1) {
    throw TrustError("redis.certificate_file can't be used: " + openssl_complaint());
  }
}

}  // namespace

std::shared_ptr<ssl::context> make_trust(const TrustOptions& options) {
  auto trust = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(trust->native_handle(), TLS1_2_VERSION);
  trust->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  trust->set_default_verify_paths(error);  // a machine without any may still have a `ca_file`
  if (!options.ca_file.empty()) {
    trust->load_verify_file(options.ca_file, error);
    if (error) {
      throw TrustError("tls.ca_file: can't use " + options.ca_file + ": " + error.message());
    }
  }
  if (!options.certificate_file.empty()) {
    const std::string certificate = read("redis.certificate_file", options.certificate_file);
    const std::string key = read("redis.key_file", options.key_file);
    show(trust->native_handle(),
         Certificate({"redis.certificate_file", options.certificate_file, certificate},
                     {"redis.key_file", options.key_file, key}));
  }
  return trust;
}

}  // namespace usher::redis
