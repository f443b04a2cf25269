#include "net/listen_address.h"

#include <stdlib.h>

#include <filesystem>

#include <gtest/gtest.h>

namespace usher::net {
namespace {

TEST(ListenAddressTest, UnderstandsTheThreeForms) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8080").port(), 8080);
  EXPECT_EQ(parse_listen_address("localhost:1").port(), 1);
  EXPECT_EQ(parse_listen_address("[::1]:65535").port(), 65535);
  EXPECT_TRUE(parse_listen_address("unix:/run/usher.sock").is_unix());
}

TEST(ListenAddressTest, RefusesTheRestWithASentence) {
  for (const auto* text :
       {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
        "[::1]", "[::1]80", "[zz]:80", "unix:", "example.com:80", "1.2.3:80"}) {
    EXPECT_THROW(parse_listen_address(text), ListenError) << text;
  }
}

TEST(ListenAddressTest, ShardsShareAPortThatNobodyElseHolds) {
  ListenAddress address = parse_listen_address("127.0.0.1:0");
  const auto listeners = open_listeners(address, 3);
  EXPECT_EQ(listeners.size(), 3u);
  EXPECT_NE(address.port(), 0);
  EXPECT_EQ(address.text, "127.0.0.1:" + std::to_string(address.port()));

  ListenAddress taken = parse_listen_address(address.text);
  EXPECT_THROW(open_listeners(taken, 1), ListenError);
}

TEST(ListenAddressTest, AStaleUnixSocketIsReplacedAndALiveOneIsNot) {
  char folder[] = "/tmp/usher_listen_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  ListenAddress address = parse_listen_address("unix:" + std::string(folder) + "/socket");
  {
    const auto live = open_listeners(address, 2);
    EXPECT_EQ(live.size(), 2u);
    EXPECT_THROW(open_listeners(address, 1), ListenError);
  }
  EXPECT_NO_THROW(open_listeners(address, 1));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace usher::net
