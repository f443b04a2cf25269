// Addresses that only this machine can reach.
#pragma once

#include <string>
#include <string_view>

#include "net/listen_address.h"

namespace usher::config {

// Returns true for a unix socket and for a loopback address.
bool is_loopback(const net::ListenAddress& address);

// The same for a listener as it is configured. Returns false if `text` is not an address.
bool is_loopback_listener(const std::string& text);

// The same for the host of a URL. A name that only begins like an address ("127.evil.example") is
// not loopback.
bool is_loopback_host(std::string_view host);

}  // namespace usher::config
