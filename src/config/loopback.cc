#include "config/loopback.h"

namespace usher::config {

bool is_loopback(const net::ListenAddress& address) {
  if (address.is_unix()) return true;
  const std::string text = net::peer_address_text(address.address);
  return text == "::1" || text.starts_with("127.");
}

bool is_loopback_listener(const std::string& text) {
  try {
    return is_loopback(net::parse_listen_address(text));
  } catch (const net::ListenError&) {
    return false;
  }
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace usher::config
