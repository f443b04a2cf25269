// Whom the client believes: TLS 1.2 or newer, the system's certificates and those of one more file.
#pragma once

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace usher::http_client {

// Peers must present a certificate that leads to one of these; that it is the host's own is checked
// when dialing. `ca_file`: PEM, or empty. Throws std::invalid_argument, naming the file, if it
// can't be used.
std::shared_ptr<boost::asio::ssl::context> make_tls_trust(const std::string& ca_file);

}  // namespace usher::http_client
