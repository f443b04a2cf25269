#include "limits/address_key.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace usher::limits {
namespace {

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;
constexpr std::size_t kPrefixBytes = 8;  // a /64

bool is_ipv4_inside(std::span<const std::byte> bytes) {
  constexpr std::array<std::byte, 12> kMapped{
      {{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, std::byte{0xff}, std::byte{0xff}}};
  return std::ranges::equal(bytes.first(kMapped.size()), kMapped);
}

std::string to_key(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

std::string address_key(std::span<const std::byte> bytes) {
  USHER_CHECK(bytes.size() == kIpv4Bytes || bytes.size() == kIpv6Bytes);
  if (bytes.size() == kIpv4Bytes) return to_key(bytes);
  if (is_ipv4_inside(bytes)) return to_key(bytes.last(kIpv4Bytes));
  return to_key(bytes.first(kPrefixBytes));
}

std::string address_key(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));
  std::array<std::byte, kIpv6Bytes> bytes;
  if (plain.find('\0') != std::string::npos) return {};
  if (inet_pton(AF_INET, plain.c_str(), bytes.data()) == 1) {
    return address_key(std::span(bytes).first(kIpv4Bytes));
  }
  if (inet_pton(AF_INET6, plain.c_str(), bytes.data()) == 1) return address_key(bytes);
  return {};
}

PackedAddressKey::PackedAddressKey(std::string_view text) {
  const std::string key = address_key(text);
  USHER_CHECK(key.size() <= bytes_.size());
  std::ranges::copy(key, bytes_.begin());
  size_ = static_cast<std::uint8_t>(key.size());
}

}  // namespace usher::limits
