#include "config/upstream_check.h"

#include <gtest/gtest.h>

#include "config/config_check.h"

namespace usher::config {
namespace {

using Strings = std::vector<std::string>;

UpstreamConfig upstream(std::string name = "board", std::string path = "/board",
                        std::string url = "http://127.0.0.1:3000/socket") {
  UpstreamConfig upstream;
  upstream.name = std::move(name);
  upstream.path = std::move(path);
  upstream.url = std::move(url);
  return upstream;
}

class UpstreamCheckTest : public testing::Test {
 protected:
  UpstreamCheckTest() {
    config.client.allowed_origins = Strings{"https://app.example.com"};
    config.jwt.secret_file = {"/secret"};
    facts["/secret"] = kGoodFile;
  }
  // Each upstream is on lines of its own: its name on 101, path on 102, url on 103, secret on 104;
  // the next one's on 201, and so on.
  ConfigFindings found(std::vector<UpstreamConfig> upstreams) {
    config.upstreams = std::move(upstreams);
    config.places = ConfigPlaces();
    for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
      int line = static_cast<int>(i + 1) * 100;
      for (const char* member : {"name", "path", "url", "identity_secret_file"}) {
        config.places.set(ConfigPlaces::entry_key("upstreams", i, member),
                          "f:" + std::to_string(++line));
      }
    }
    return check(config, facts);
  }
  // Expects one error, which says `place` and `part`, and nothing else.
  void expect_one(std::vector<UpstreamConfig> upstreams, std::string_view place,
                  std::string_view part) {
    const ConfigFindings all = found(std::move(upstreams));
    EXPECT_EQ(all.warnings, Strings());
    ASSERT_EQ(all.errors.size(), 1u) << part;
    EXPECT_TRUE(all.errors[0].starts_with(std::string(place) + ": ")) << all.errors[0];
    EXPECT_NE(all.errors[0].find(part), std::string::npos) << all.errors[0];
  }

  static constexpr FileFact kGoodFile{.readable = true, .secret_bytes = 32};
  Config config;
  FileFacts facts;
};

TEST_F(UpstreamCheckTest, GoodOnesHaveNothingToSay) {
  facts["/board.secret"] = kGoodFile;
  auto signing = upstream("b-2_x", "/b/*", "unix:/run/app.sock:/socket");
  signing.identity_secret_file = "/board.secret";
  const ConfigFindings all =
      found({upstream(), upstream("board-below", "/board/*"), signing, upstream("all", "/*"),
             upstream(std::string(64, 'n'), "/a.b/c..d/~e", "https://backend.example/s"),
             upstream("v6", "/v6", "http://[::1]:3000"), upstream("auth", "/auth"),
             upstream("wsx", "/wsx"), upstream("below_ws", "/ws/*"), upstream("dev", "/device")});
  EXPECT_EQ(all.errors, Strings());
  EXPECT_EQ(all.warnings, Strings());
}

TEST_F(UpstreamCheckTest, ANameIsAPlainWord) {
  for (const std::string& name :
       {std::string(), std::string("Board"), std::string("my board"), std::string("a.b"),
        std::string("a/b"), std::string("a\"b"), std::string("\xc3\xab"), std::string(65, 'n')}) {
    expect_one({upstream(name)}, "f:101", "upstreams '" + name + "': a name is 1 to 64 characters");
  }
}

TEST_F(UpstreamCheckTest, APathIsExactOrEndsWithAStar) {
  for (const char* path :
       {"",       "board",     "*",          "board/*",       "/board*",  "/*/board",
        "/a/*/b", "/a/**",     "/board?x=1", "/board#a",      "/bo ard",  "/board/../x",
        "/.",     "/..",       "/./*",       "/%2e%2e/a",     "/b%6fard", "/a\\b",
        "/a\"b",  "/\xc3\xab", "/a\n",       "http://a/board"}) {
    expect_one({upstream("board", path)}, "f:102",
               "upstreams 'board': path must be like \"/board\" or \"/board/*\", not '" +
                   std::string(path) + "'");
  }
}

TEST_F(UpstreamCheckTest, APathIsNotUshersOwn) {
  for (const char* path :
       {"/ws", "/connection/websocket", "/auth/token", "/auth/ticket", "/auth/verify", "/auth/*",
        "/auth/else", "/api/publish", "/api/*", "/api/", "/dev", "/dev/*", "/dev/a"}) {
    expect_one({upstream("board", path)}, "f:102",
               "path " + std::string(path) + " is usher's own; choose another");
  }
}

TEST_F(UpstreamCheckTest, WhatIsThereTwiceIsToldAtTheSecond) {
  expect_one({upstream("board", "/a"), upstream("board", "/b")}, "f:201",
             "upstreams 'board' is there twice");
  expect_one({upstream("a", "/board"), upstream("b", "/other"), upstream("c", "/board")}, "f:302",
             "path /board is there twice");
  const ConfigFindings all = found({upstream(), upstream(), upstream("c", "/c")});
  EXPECT_EQ(all.errors.size(), 2u) << "one for the name, one for the path";
}

TEST_F(UpstreamCheckTest, AUrlThatLeadsNowhereIsToldWithoutItsSecrets) {
  for (const char* url : {"", "tcp://127.0.0.1:3000", "127.0.0.1:3000", "unix:run/app.sock"}) {
    expect_one({upstream("board", "/board", url)}, "f:103", "upstreams 'board': url must be like ");
  }
  const auto all =
      found({upstream("board", "/board", "https://user:hunter2@backend.example/s?key=hunter3")});
  ASSERT_EQ(all.errors.size(), 1u);
  EXPECT_TRUE(all.errors[0].starts_with("f:103: "));
  EXPECT_EQ(all.errors[0].find("hunter"), std::string::npos) << all.errors[0];
}

TEST_F(UpstreamCheckTest, AWayThatOthersCanReadIsWarnedOf) {
  for (const auto& [url, warned] : {std::pair{"http://backend.example/s", true},
                                    {"http://10.0.0.7:3000", true},
                                    {"http://127.evil.example", true},
                                    {"https://backend.example/s", false},
                                    {"http://127.0.0.1:3000", false},
                                    {"http://127.0.0.9", false},
                                    {"http://[::1]", false},
                                    {"http://localhost:3000", false},
                                    {"unix:/run/app.sock", false}}) {
    const ConfigFindings all = found({upstream("board", "/board", url)});
    EXPECT_EQ(all.errors, Strings()) << url;
    ASSERT_EQ(all.warnings.size(), warned ? 1u : 0u) << url;
    if (!warned) continue;
    EXPECT_EQ(all.warnings[0],
              "f:103: upstreams 'board': url is not https: who is on the way can read and change "
              "what is said");
  }
}

TEST_F(UpstreamCheckTest, TheSecretsFileIsCheckedAsEverySecret) {
  auto signing = upstream();
  signing.identity_secret_file = "/board.secret";
  const std::string key = "upstreams[0].identity_secret_file '/board.secret' ";
  expect_one({signing}, "f:104", key + "can't be read");
  facts["/board.secret"] = {.readable = true, .secret_bytes = 31};
  expect_one({signing}, "f:104", key + "holds a secret of 31 bytes");
  facts["/board.secret"] = {.readable = true, .secret_bytes = 32, .world_writable = true};
  expect_one({signing}, "f:104", key + "can be changed by every user");
  facts["/board.secret"] = {.readable = true, .secret_bytes = 32, .world_readable = true};
  const ConfigFindings all = found({signing});
  EXPECT_EQ(all.errors, Strings());
  ASSERT_EQ(all.warnings.size(), 1u);
  EXPECT_TRUE(all.warnings[0].starts_with("f:104: " + key + "can be read by every user"));
}

// X-Usher-Identity would be a token that lets in.
TEST_F(UpstreamCheckTest, ASecretOfTokensSignsNoIdentity) {
  auto signing = upstream();
  signing.identity_secret_file = "/secret";
  expect_one({signing}, "f:104",
             "upstreams 'board': identity_secret_file /secret is in jwt.secret_file, too");
  config.guest.secret_file = {"/other", "/guest"};
  facts["/other"] = facts["/guest"] = kGoodFile;
  signing.identity_secret_file = "/guest";
  expect_one({signing}, "f:104",
             "upstreams 'board': identity_secret_file /guest is in guest.secret_file, too");
}

TEST_F(UpstreamCheckTest, TheSecretsFilesAreAmongTheFilesOfTheConfiguration) {
  auto signing = upstream("c", "/c");
  signing.identity_secret_file = "/board.secret";
  config.upstreams = {upstream(), signing};
  const Strings files = files_of(config);
  EXPECT_EQ(std::count(files.begin(), files.end(), "/board.secret"), 1);
  EXPECT_EQ(std::count(files.begin(), files.end(), ""), 0);
}

}  // namespace
}  // namespace usher::config
