#include "limits/address_key.h"

#include <array>

#include <gtest/gtest.h>

namespace usher::limits {
namespace {

using namespace std::string_view_literals;

TEST(AddressKeyTest, Ipv4CountsWhole) {
  EXPECT_EQ(address_key("203.0.113.9"sv), "\xcb\x00\x71\x09"sv);
  EXPECT_NE(address_key("203.0.113.9"sv), address_key("203.0.113.10"sv));
}

TEST(AddressKeyTest, Ipv6CountsByItsSlash64) {
  EXPECT_EQ(address_key("2001:db8:1:2::1"sv), address_key("2001:db8:1:2:ffff:ffff:ffff:ffff"sv));
  EXPECT_NE(address_key("2001:db8:1:2::1"sv), address_key("2001:db8:1:3::1"sv));
  EXPECT_EQ(address_key("2001:db8:1:2::1"sv).size(), 8u);
  EXPECT_EQ(address_key("fe80::1%eth0"sv), address_key("fe80::2"sv));
}

TEST(AddressKeyTest, Ipv4InsideIpv6CountsAsIpv4) {
  EXPECT_EQ(address_key("::ffff:203.0.113.9"sv), address_key("203.0.113.9"sv));
  EXPECT_NE(address_key("::203.0.113.9"sv), address_key("203.0.113.9"sv));
}

TEST(AddressKeyTest, BytesAndTextAgree) {
  const std::array<std::byte, 4> loopback{std::byte{127}, std::byte{0}, std::byte{0}, std::byte{1}};
  EXPECT_EQ(address_key(loopback), address_key("127.0.0.1"sv));
}

TEST(AddressKeyTest, WhatIsNoAddressSharesOneKey) {
  for (const auto text : {"unix"sv, ""sv, "1.2.3"sv, "1.2.3.4.5"sv, "01.2.3.4"sv, "host"sv,
                          "1.2.3.4\0x"sv, "[::1]"sv, "1.2.3.4:80"sv}) {
    EXPECT_EQ(address_key(text), "") << text;
  }
}

}  // namespace
}  // namespace usher::limits
