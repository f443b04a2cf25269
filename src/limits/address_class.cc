#include "limits/address_class.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/check.h"

namespace usher::limits {
namespace {

constexpr std::size_t kIpv4KeyBytes = 4;
constexpr std::size_t kIpv6KeyBytes = 8;

AddressClass class_of_ipv4(std::string_view key) {
  const auto first = static_cast<unsigned char>(key[0]);
  const auto second = static_cast<unsigned char>(key[1]);
  if (first == 127) return AddressClass::loopback;
  const bool is_private =
      first == 10 || (first == 172 && (second & 0xf0) == 16) || (first == 192 && second == 168);
  const bool is_of_carrier = first == 100 && (second & 0xc0) == 64;
  const bool is_of_link = first == 169 && second == 254;
  return is_private || is_of_carrier || is_of_link ? AddressClass::local : AddressClass::global;
}

// The key is a /64. No peer but ::1 has an address in the one that is all zeros.
AddressClass class_of_ipv6(std::string_view key) {
  if (std::ranges::all_of(key, [](char byte) { return byte == 0; })) return AddressClass::loopback;
  const auto first = static_cast<unsigned char>(key[0]);
  const auto second = static_cast<unsigned char>(key[1]);
  const bool is_unique_local = (first & 0xfe) == 0xfc;
  const bool is_of_link = first == 0xfe && (second & 0xc0) == 0x80;
  return is_unique_local || is_of_link ? AddressClass::local : AddressClass::global;
}

}  // namespace

AddressClass address_class(std::string_view key) {
  if (key.size() == kIpv4KeyBytes) return class_of_ipv4(key);
  if (key.size() == kIpv6KeyBytes) return class_of_ipv6(key);
  return AddressClass::none;
}

std::string_view to_string(AddressClass address_class) {
  switch (address_class) {
    case AddressClass::none:
      return "none";
    case AddressClass::loopback:
      return "loopback";
    case AddressClass::local:
      return "private";
    case AddressClass::global:
      return "public";
  }
  USHER_CHECK(false);
}

std::string address_prefix(std::string_view key) {
  const bool is_ipv4 = key.size() == kIpv4KeyBytes;
  if (!is_ipv4 && key.size() != kIpv6KeyBytes) return {};
  const std::size_t bytes_kept = is_ipv4 ? 3 : 6;
  std::array<char, 16> bytes{};
  std::ranges::copy(key.substr(0, bytes_kept), bytes.begin());
  std::array<char, INET6_ADDRSTRLEN> text{};
  USHER_CHECK(inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size()) !=
              nullptr);
  return std::string(text.data()) + (is_ipv4 ? "/24" : "/48");
}

}  // namespace usher::limits
