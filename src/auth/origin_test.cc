#include "auth/origin.h"

#include <gtest/gtest.h>

namespace usher::auth {
namespace {

using namespace std::string_view_literals;

std::string normal(std::string_view text) {
  const auto origin = parse_origin(text);
  return origin ? origin->text() : "none";
}

TEST(OriginTest, DefaultPortsAndCaseMakeNoDifference) {
  EXPECT_EQ(normal("https://app.example.com"), "https://app.example.com");
  EXPECT_EQ(normal("https://app.example.com:443"), "https://app.example.com");
  EXPECT_EQ(normal("http://app.example.com:80"), "http://app.example.com");
  EXPECT_EQ(normal("HTTPS://App.Example.COM"), "https://app.example.com");
  EXPECT_EQ(normal("https://app.example.com:80"), "https://app.example.com:80");
  EXPECT_EQ(normal("http://app.example.com:443"), "http://app.example.com:443");
  EXPECT_EQ(normal("capacitor://localhost"), "capacitor://localhost");
}

TEST(OriginTest, AddressesAreHostsToo) {
  EXPECT_EQ(normal("http://127.0.0.1:3000"), "http://127.0.0.1:3000");
  EXPECT_EQ(normal("http://[::1]:3000"), "http://[::1]:3000");
  EXPECT_EQ(normal("http://[0:0:0:0:0:0:0:1]"), "http://[::1]");
  EXPECT_EQ(normal("http://[2001:DB8::A]"), "http://[2001:db8::a]");
}

TEST(OriginTest, AppsAndExtensionsNameThemselvesAsTheyLike) {
  for (const char* text :
       {"file://", "app://", "app://-", "app://.", "app://bundle", "capacitor://localhost",
        "tauri://localhost", "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "moz-extension://0b3d5c2a-7f1e-4c0a-9d7e-2a1b3c4d5e6f", "vscode-webview://x_y.z:1"}) {
    EXPECT_EQ(normal(text), text);
  }
  EXPECT_EQ(normal("App://Bundle"), "app://bundle");
  for (const char* text : {"file:///", "file:///tmp/a.html", "file://a/b", "app://:80", "app://a b",
                           "app://a@b", "app://a:", "app://*", "app://a%20", "file:", "app:/",
                           "app", "://", "app://\xC3\xA9", "app://a?b", "app://a#b", "app://[]"}) {
    EXPECT_EQ(normal(text), "none") << text;
  }
}

TEST(OriginTest, WhatOnlyLooksLikeAnOriginIsNone) {
  for (const auto text : {""sv,
                          "null"sv,
                          "app.example.com"sv,
                          "https://"sv,
                          "http://"sv,
                          "wss://"sv,
                          "https://-."sv,
                          "https:/app.example.com"sv,
                          "//app.example.com"sv,
                          "://app.example.com"sv,
                          "https://app.example.com/"sv,
                          "https://app.example.com/path"sv,
                          "https://evil.com#app.example.com"sv,
                          "https://evil.com?app.example.com"sv,
                          "https://user@app.example.com"sv,
                          "https://user:password@app.example.com"sv,
                          "https://app.example.com."sv,
                          "https://.example.com"sv,
                          "https://app..example.com"sv,
                          " https://app.example.com"sv,
                          "https://app.example.com "sv,
                          "https://app.example.com\t"sv,
                          "https://app.example.com\n"sv,
                          "https://app.example.com\0"sv,
                          "https://app.exam\0ple.com"sv,
                          "https://app example.com"sv,
                          "https://b\xc3\xbc"
                          "cher.example"sv,
                          "https://app.example.com\\evil"sv,
                          "https://%61pp.example.com"sv,
                          "https://*.example.com"sv,
                          "https://app.example.com:"sv,
                          "https://app.example.com:0"sv,
                          "https://app.example.com:0443"sv,
                          "https://app.example.com:65536"sv,
                          "https://app.example.com:443:443"sv,
                          "https://app.example.com:+443"sv,
                          "https://app.example.com:4a"sv,
                          "https://[::1"sv,
                          "https://::1"sv,
                          "https://[::1]x"sv,
                          "https://[127.0.0.1]"sv,
                          "https://[::1%eth0]"sv,
                          "https://[]"sv,
                          "1https://app.example.com"sv,
                          "ht tps://app.example.com"sv,
                          "https://a.example https://b.example"sv,
                          "https://a.example,https://b.example"sv}) {
    EXPECT_EQ(normal(text), "none") << text;
  }
}

TEST(OriginTest, PagesOfThisMachineAreKnownByNameAndNumber) {
  for (const char* text : {"http://localhost", "https://localhost:8443", "http://127.0.0.1:8080",
                           "http://[::1]:8080", "http://LOCALHOST"}) {
    EXPECT_TRUE(is_loopback_page(*parse_origin(text))) << text;
  }
  for (const char* text :
       {"http://localhost.evil.example", "http://127.0.0.2", "http://127.0.0.1.nip.io",
        "ftp://localhost", "http://a.localhost", "http://[::2]"}) {
    EXPECT_FALSE(is_loopback_page(*parse_origin(text))) << text;
  }
}

TEST(OriginTest, LengthsAreBounded) {
  const std::string label(63, 'a');
  EXPECT_NE(normal("https://" + label + ".example"), "none");
  EXPECT_EQ(normal("https://" + label + "a.example"), "none");
  const std::string host253 = label + "." + label + "." + label + "." + std::string(61, 'a');
  EXPECT_NE(normal("https://" + host253), "none");
  EXPECT_EQ(normal("https://" + host253 + "a"), "none");
  const std::string scheme(kOriginBytesMax - 4, 's');
  EXPECT_NE(normal(scheme + "://h"), "none");
  EXPECT_EQ(normal("s" + scheme + "://h"), "none");
}

TEST(OriginTest, LogsShowTheHostAndNeverThePeersOwnText) {
  EXPECT_EQ(origin_host("https://app.going2eat.food"), "app.going2eat.food");
  EXPECT_EQ(origin_host("https://App.Example:443"), "app.example");
  EXPECT_EQ(origin_host("http://localhost:5173"), "localhost:5173");
  EXPECT_EQ(origin_host("null"), "null");
  EXPECT_EQ(origin_host("file://"), "file://");
  EXPECT_EQ(origin_host("app://bundle"), "bundle");
  EXPECT_EQ(origin_host(std::nullopt), "");
  EXPECT_EQ(origin_host("https://evil.example/?ticket=1"), "(malformed)");
  EXPECT_EQ(origin_host(""), "(malformed)");
}

TEST(OriginTest, ABoundTicketOpensOnlyWithItsOwnOrigin) {
  EXPECT_TRUE(is_same_origin("https://a.example", "https://a.example"));
  EXPECT_TRUE(is_same_origin("https://a.example", "https://A.example:443"));
  EXPECT_TRUE(is_same_origin("null", "null"));
  EXPECT_FALSE(is_same_origin("https://a.example", "https://b.example"));
  EXPECT_FALSE(is_same_origin("https://a.example", "http://a.example"));
  EXPECT_FALSE(is_same_origin("https://a.example", std::nullopt));
  EXPECT_FALSE(is_same_origin("https://a.example", "null"));
  EXPECT_FALSE(is_same_origin("null", "https://a.example"));
  EXPECT_FALSE(is_same_origin("", ""));
}

}  // namespace
}  // namespace usher::auth
