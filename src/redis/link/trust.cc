#include "redis/link/trust.h"

#include <boost/asio/ssl/context.hpp>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/certificate.h"
#include "http_client/tls_trust.h"

namespace usher::redis {

namespace ssl = boost::asio::ssl;

namespace {

std::shared_ptr<ssl::context> believe(const std::string& ca_file) {
  try {
    return http_client::make_tls_trust(ca_file);
  } catch (const http_client::TlsTrustError& error) {
    throw TrustError("tls.ca_file: can't use " + ca_file + ": " + error.reason());
  }
}

// The files are the operator's own, of a few kilobytes, and were checked before.
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
  auto trust = believe(options.ca_file);
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
