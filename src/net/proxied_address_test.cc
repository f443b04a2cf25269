#include "net/proxied_address.h"

#include <gtest/gtest.h>

namespace usher::net {
namespace {

TEST(TrustedProxiesTest, WithoutTrustedProxiesThePeerCountsWhateverTheHeaderSays) {
  const TrustedProxies none({});
  EXPECT_EQ(none.client_of("192.0.2.1", "10.0.0.1"), "192.0.2.1");
}

TEST(TrustedProxiesTest, TheRightmostUntrustedAddressIsTheClient) {
  const TrustedProxies proxies({"127.0.0.1", "10.0.0.0/8", "fd00::/8", "unix"});
  EXPECT_EQ(proxies.client_of("127.0.0.1", "198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "6.6.6.6, 198.51.100.7, 10.1.2.3"), "198.51.100.7");
  EXPECT_EQ(proxies.client_of("unix", " 198.51.100.7 , fd00::1"), "198.51.100.7");
  EXPECT_EQ(proxies.client_of("10.255.0.1", ""), "10.255.0.1");
  EXPECT_EQ(proxies.client_of("11.0.0.1", "198.51.100.7"), "11.0.0.1");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "10.0.0.1"), "10.0.0.1");
}

TEST(TrustedProxiesTest, PortsAndMappedAddressesAreRead) {
  const TrustedProxies proxies({"127.0.0.1"});
  EXPECT_EQ(proxies.client_of("127.0.0.1", "198.51.100.7:4711"), "198.51.100.7");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "[2001:db8::1]:4711"), "2001:db8::1");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "::ffff:198.51.100.7"), "198.51.100.7");
}

TEST(TrustedProxiesTest, WhatIsNoAddressEndsTheWalk) {
  const TrustedProxies proxies({"127.0.0.1", "10.0.0.0/8"});
  for (const auto* header :
       {"unknown", "198.51.100.7, x", ",", "198.51.100.7,", "1.2.3.4.5", "_hidden"}) {
    EXPECT_EQ(proxies.client_of("127.0.0.1", header), "127.0.0.1") << header;
  }
  EXPECT_EQ(proxies.client_of("127.0.0.1", "junk, 10.0.0.9"), "10.0.0.9");
}

TEST(TrustedProxiesTest, NetworksEndAtTheirBit) {
  const TrustedProxies proxies({"192.0.2.128/25", "2001:db8::/33", "0.0.0.0/32"});
  EXPECT_TRUE(proxies.contains("192.0.2.128"));
  EXPECT_FALSE(proxies.contains("192.0.2.127"));
  EXPECT_TRUE(proxies.contains("2001:db8:7fff::1"));
  EXPECT_FALSE(proxies.contains("2001:db8:8000::1"));
  EXPECT_FALSE(proxies.contains("unix"));
}

TEST(TrustedProxiesTest, MalformedEntriesAreTheOperatorsFault) {
  for (const auto* entry :
       {"", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "10.0.0.0/8x", "proxy.local", "/8"}) {
    EXPECT_THROW(TrustedProxies({entry}), std::invalid_argument) << entry;
  }
}

}  // namespace
}  // namespace usher::net
