// What the client trusts: TLS 1.2 or newer, the system's certificates and those of one more file.
#pragma once

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace usher::http_client {

// A peer must present a certificate with a chain to one of these; that it is the host's is checked
// when dialing. `ca_file`: a PEM file, or empty. Throws std::invalid_argument, with the file's
// name, if it cannot be used.
std::shared_ptr<boost::asio::ssl::context> make_tls_trust(const std::string& ca_file);

}  // namespace usher::http_client
