// What may be said of a client's address without telling it: its class, and a prefix that many
// people share.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace usher::limits {

enum class AddressClass : std::uint8_t {
  none,      // a unix socket, or text that was no address
  loopback,  // 127.0.0.0/8, ::1
  local,     // of a private or carrier's network, or of one link (RFC 1918, 6598, 3927, 4193, 4291)
  global,    // all others
};

// `key`: from limits::address_key().
AddressClass address_class(std::string_view key);
std::string_view to_string(AddressClass address_class);

// Returns the first 24 bits of an IPv4 address ("203.0.113.0/24"), the first 48 of an IPv6 address
// ("2001:db8:7::/48"), and "" for AddressClass::none.
std::string address_prefix(std::string_view key);

}  // namespace usher::limits
