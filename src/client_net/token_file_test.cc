#include "client_net/token_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace usher::client_net {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class TokenFileTest : public testing::Test {
 protected:
  TokenFileTest() {
    std::string pattern = (fs::temp_directory_path() / "usher-token-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~TokenFileTest() override { fs::remove_all(folder); }
  std::string path() const { return (folder / "guest.json").string(); }

  fs::path folder;
  const StoredToken stored{"a.b.c", client::Instant(1'800'000'000'000ms), 24h};
};

TEST_F(TokenFileTest, GivesBackWhatWasSaved) {
  ASSERT_TRUE(TokenFile(path(), "https://gw").save(stored));
  const auto loaded = TokenFile(path(), "https://gw").load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->token, stored.token);
  EXPECT_EQ(loaded->obtained_at, stored.obtained_at);
  EXPECT_EQ(loaded->life, stored.life);
}

TEST_F(TokenFileTest, OnlyItsOwnerMayReadItAndNothingElseIsLeftBehind) {
  ASSERT_TRUE(TokenFile(path(), "https://gw").save(stored));
  ASSERT_TRUE(TokenFile(path(), "https://gw").save(stored));
  struct stat info {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(TokenFileTest, AFileThatOthersMayReadIsNotBelieved) {
  ASSERT_TRUE(TokenFile(path(), "https://gw").save(stored));
  ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
  EXPECT_FALSE(TokenFile(path(), "https://gw").load());
  EXPECT_TRUE(TokenFile(path(), "https://gw").save(stored));
  EXPECT_TRUE(TokenFile(path(), "https://gw").load());
}

TEST_F(TokenFileTest, ALinkIsNotFollowed) {
  ASSERT_TRUE(TokenFile(path(), "https://gw").save(stored));
  fs::create_symlink(path(), folder / "link");
  EXPECT_FALSE(TokenFile((folder / "link").string(), "https://gw").load());
}

TEST_F(TokenFileTest, AnotherGatewaysTokenIsNotFound) {
  ASSERT_TRUE(TokenFile(path(), "https://gw").save(stored));
  EXPECT_FALSE(TokenFile(path(), "https://other").load());
}

TEST_F(TokenFileTest, WhatIsNoTokenFileIsAbsent) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"url":"u","token":"a b","obtained_at_ms":1,"life_ms":1})",
        R"({"url":"u","token":"a","obtained_at_ms":-1,"life_ms":1})",
        R"({"url":"u","token":"a","obtained_at_ms":1,"life_ms":18446744073709551615})"}) {
    std::ofstream(path(), std::ios::trunc) << text;
    ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
    EXPECT_FALSE(TokenFile(path(), "u").load()) << text;
  }
  EXPECT_FALSE(TokenFile((folder / "missing").string(), "u").load());
  EXPECT_FALSE(TokenFile(folder.string(), "u").load());
}

TEST_F(TokenFileTest, OnlyTheTokenThatWasMeantIsRemoved) {
  const TokenFile file(path(), "https://gw");
  ASSERT_TRUE(file.save(stored));
  file.remove("another");
  EXPECT_TRUE(file.load());
  file.remove("a.b.c");
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(TokenFileTest, WithoutAPathNothingIsKept) {
  EXPECT_TRUE(TokenFile("", "u").save(stored));
  EXPECT_FALSE(TokenFile("", "u").load());
}

TEST_F(TokenFileTest, AFolderThatIsNotThereIsSaid) {
  EXPECT_FALSE(TokenFile((folder / "no" / "guest.json").string(), "u").save(stored));
}

TEST_F(TokenFileTest, ATokenIsYoungForHalfOfItsLife) {
  EXPECT_TRUE(stored.is_young(stored.obtained_at + 12h - 1ms));
  EXPECT_FALSE(stored.is_young(stored.obtained_at + 12h));
  EXPECT_FALSE(stored.is_young(stored.obtained_at - 1ms));
  EXPECT_TRUE(stored.is_valid(stored.obtained_at + 24h - 1ms));
  EXPECT_FALSE(stored.is_valid(stored.obtained_at + 24h));
}

}  // namespace
}  // namespace usher::client_net
