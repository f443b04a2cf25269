// A peer's address as the key of its buckets and counts: an IPv4 address as a whole, an IPv6
// address by its /64 prefix (the block that a provider gives to one customer).
//
// The key is 4 or 8 raw bytes, not printable. IPv4 inside IPv6 (::ffff:0:0/96) counts as IPv4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace usher::limits {

// Requires: `bytes` are 4 or 16 bytes, in network order.
std::string address_key(std::span<const std::byte> bytes);

// Accepts text as inet_pton does; an IPv6 zone (%eth0) is ignored. All texts that are no address
// share one key; the peer of a unix socket has no address.
std::string address_key(std::string_view text);

// The key of an address in nine bytes, small enough to be kept for each connection.
class PackedAddressKey {
 public:
  PackedAddressKey() = default;
  explicit PackedAddressKey(std::string_view text);  // see address_key()

  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 8> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace usher::limits
