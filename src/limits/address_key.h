// A peer's address as the key of its buckets and counts: IPv4 whole, IPv6 by its /64 (what one
// subscriber is given).
//
// The key is 4 or 8 raw bytes, not for people. IPv4 inside IPv6 (::ffff:0:0/96) counts as IPv4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace usher::limits {

// `bytes`: 4 or 16, in network order.
std::string address_key(std::span<const std::byte> bytes);

// Text as inet_pton takes it, an IPv6 zone (%eth0) is ignored. All that is no address (a unix
// socket's peer has none) shares one key.
std::string address_key(std::string_view text);

// The key of an address, in nine bytes: for what is kept with each connection.
class PackedAddressKey {
 public:
  PackedAddressKey() = default;
  explicit PackedAddressKey(std::string_view text);  // as address_key() takes it

  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 8> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace usher::limits
