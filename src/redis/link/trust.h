// TLS towards Redis: which servers are trusted, and the certificate that usher shows.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace usher::redis {

struct TrustOptions {
  std::string ca_file;           // PEM, besides the system's authorities; empty: none
  std::string certificate_file;  // PEM chain that usher shows; empty: none
  std::string key_file;          // its private key
};

// what() is one sentence with the file's name.
class TrustError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Returns http_client::make_tls_trust()'s context, with the certificate. Throws TrustError and
// CertificateError.
std::shared_ptr<boost::asio::ssl::context> make_trust(const TrustOptions& options);

}  // namespace usher::redis
