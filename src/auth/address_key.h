// A peer's address as the key of its buckets and counts: IPv4 whole, IPv6 by its /64 (what one
// subscriber is given).
//
// The key is 4 or 8 raw bytes, not for people. IPv4 inside IPv6 (::ffff:0:0/96) counts as IPv4.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace usher::auth {

// `bytes`: 4 or 16, in network order.
std::string address_key(std::span<const std::byte> bytes);

// Text as inet_pton takes it, an IPv6 zone (%eth0) is ignored. All that is no address (a unix
// socket's peer has none) shares one key.
std::string address_key(std::string_view text);

}  // namespace usher::auth
