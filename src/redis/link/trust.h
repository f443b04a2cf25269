// TLS towards Redis: whom we believe, and who we say that we are.
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
  std::string certificate_file;  // PEM chain that we show; empty: none
  std::string key_file;          // to it
};

// One sentence, with the file's name.
class TrustError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// TLS 1.2 or newer. Redis must present a certificate of an authority that we believe; that it is
// the host's own is checked when dialing. Throws TrustError and CertificateError.
std::shared_ptr<boost::asio::ssl::context> make_trust(const TrustOptions& options);

}  // namespace usher::redis
