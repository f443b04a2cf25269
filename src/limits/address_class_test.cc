#include "limits/address_class.h"

#include <gtest/gtest.h>

#include "limits/address_key.h"

namespace usher::limits {
namespace {

struct Row {
  const char* address;
  const char* said;
  const char* prefix;
};

TEST(AddressClass, SaysTheClassAndAPrefixThatManyShare) {
  const Row rows[] = {
      {"127.0.0.1", "loopback", "127.0.0.0/24"},
      {"10.1.2.3", "private", "10.1.2.0/24"},
      {"172.15.0.1", "public", "172.15.0.0/24"},
      {"172.16.0.1", "private", "172.16.0.0/24"},
      {"172.31.255.1", "private", "172.31.255.0/24"},
      {"172.32.0.1", "public", "172.32.0.0/24"},
      {"192.168.7.9", "private", "192.168.7.0/24"},
      {"192.169.7.9", "public", "192.169.7.0/24"},
      {"169.254.1.1", "private", "169.254.1.0/24"},
      {"100.64.0.1", "private", "100.64.0.0/24"},
      {"100.128.0.1", "public", "100.128.0.0/24"},
      {"203.0.113.77", "public", "203.0.113.0/24"},
      {"::1", "loopback", "::/48"},
      {"::ffff:203.0.113.77", "public", "203.0.113.0/24"},
      {"fe80::1%eth0", "private", "fe80::/48"},
      {"fd00:1:2:3::4", "private", "fd00:1:2::/48"},
      {"2001:db8:7:8:9::a", "public", "2001:db8:7::/48"},
  };
  for (const Row& row : rows) {
    const std::string key = address_key(std::string_view(row.address));
    EXPECT_EQ(to_string(address_class(key)), row.said) << row.address;
    EXPECT_EQ(address_prefix(key), row.prefix) << row.address;
  }
}

TEST(AddressClass, AUnixSocketHasNone) {
  const std::string key = address_key(std::string_view("unix"));
  EXPECT_EQ(to_string(address_class(key)), "none");
  EXPECT_EQ(address_prefix(key), "");
}

}  // namespace
}  // namespace usher::limits
