#include "config/loopback.h"

#include <gtest/gtest.h>

namespace usher::config {
namespace {

TEST(LoopbackTest, ListenersThatOnlyThisMachineReaches) {
  for (const char* text : {"127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "unix:/run/usher.sock"}) {
    EXPECT_TRUE(is_loopback_listener(text)) << text;
  }
  for (const char* text : {"0.0.0.0:80", "[::]:80", "192.0.2.1:80", "nowhere", ""}) {
    EXPECT_FALSE(is_loopback_listener(text)) << text;
  }
}

TEST(LoopbackTest, HostsOfUrls) {
  for (const char* host : {"localhost", "::1", "127.0.0.1", "127.1"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"127.evil.example", "localhost.evil.example", "10.0.0.1", ""}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

}  // namespace
}  // namespace usher::config
