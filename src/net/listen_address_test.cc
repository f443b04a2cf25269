#include "net/listen_address.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

class UnixSocketTest : public testing::Test {
 protected:
  UnixSocketTest() {
    char folder[] = "/tmp/usher_listen_XXXXXX";
    folder_ = mkdtemp(folder);
    address = parse_listen_address("unix:" + folder_ + "/socket");
    umask_ = umask(0077);
  }
  ~UnixSocketTest() override {
    umask(umask_);
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ + "/socket"; }
  struct stat status() const {
    struct stat found {};
    EXPECT_EQ(stat(path().c_str(), &found), 0);
    return found;
  }

  ListenAddress address;

 private:
  std::string folder_;
  mode_t umask_;
};

TEST_F(UnixSocketTest, HasTheModeThatIsAskedForWhateverTheUmask) {
  for (const unsigned mode : {0666u, 0660u, 0600u, 0777u}) {
    const auto listeners = open_listeners(address, 1, {.mode = mode});
    EXPECT_EQ(status().st_mode & 0777, mode);
  }
}

TEST_F(UnixSocketTest, BelongsToTheGroupThatIsAskedFor) {
  const group* const mine = getgrgid(getegid());
  ASSERT_NE(mine, nullptr);
  const auto listeners = open_listeners(address, 1, {.group = mine->gr_name});
  EXPECT_EQ(status().st_gid, getegid());
}

TEST_F(UnixSocketTest, AGroupThatIsNoneIsNamed) {
  try {
    open_listeners(address, 1, {.group = "no-such-group"});
    FAIL();
  } catch (const ListenError& error) {
    EXPECT_NE(std::string(error.what()).find("server.unix_group 'no-such-group'"),
              std::string::npos)
        << error.what();
  }
}

TEST(ListenAddressTest, BothWildcardsShareAPortAndOneAloneTakesBoth) {
  ListenAddress four = parse_listen_address("0.0.0.0:0");
  const auto first = open_listeners(four, 2);
  const std::string port = std::to_string(four.port());
  ListenAddress greedy = parse_listen_address("[::]:" + port);
  EXPECT_THROW(open_listeners(greedy, 1), ListenError);

  ListenAddress six = parse_listen_address("[::]:" + port);
  ListenAddress elsewhere = parse_listen_address("[::]:1");
  ListenAddress* const all[] = {&four, &six, &elsewhere};
  share_ports(all);
  EXPECT_TRUE(six.ipv6_only);
  EXPECT_FALSE(elsewhere.ipv6_only) << "alone on its port, it goes on serving IPv4 too";
  EXPECT_EQ(open_listeners(six, 2).size(), 2u);
}

}  // namespace
}  // namespace usher::net
